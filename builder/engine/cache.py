"""A builder's cache, by flags that the client library does not have."""

import re
from typing import TYPE_CHECKING

from builder.engine.processes import run
from builder.model.errors import BuilderError, ExitCode

if TYPE_CHECKING:
    import subprocess

    from python_on_whales import DockerClient

# The others', `remote` and `kubernetes`, are elsewhere, and have disks and clocks of their own.
_LOCAL = ("docker", "docker-container")
_DRIVER = re.compile(r"^Driver: *(\S+)", re.MULTILINE)
# Buildx gives a node twenty seconds to answer, and there may be several; a large cache takes its time.
_INSPECTION, _PRUNING = 120, 3600


def is_local(docker: "DockerClient", builder: str | None) -> bool:
    """Whether a builder is the engine or runs on it, or is so unknown that the engine should be asked."""
    done = _buildx(docker, _INSPECTION, "inspect", *([builder] if builder else []))
    found = _DRIVER.search(done.stdout)
    return found is None or found[1] in _LOCAL


def prune(docker: "DockerClient", builder: str | None, keep: int) -> None:
    """Remove what was not used for the longest time, until the cache has at most `keep` bytes.

    Raises:
        BuilderError: (10) when the builder does not do it.
    """
    # Zero would be no limit.
    flags = ["--force", "--max-used-space", str(max(keep, 1)), *(["--builder", builder] if builder else [])]
    done = _buildx(docker, _PRUNING, "prune", *flags)
    if done.returncode:
        said = done.stderr.strip().splitlines() or ["Buildx says nothing"]
        raise BuilderError(
            ExitCode.TOOL_MISSING,
            f"the build cache cannot be pruned: {said[-1]}",
            fix="--disk-budget needs a builder that answers and a Buildx whose `prune` has --max-used-space.",
            where=builder,
        )


def _buildx(docker: "DockerClient", seconds: float, *words: str) -> "subprocess.CompletedProcess[str]":
    return run([*docker.client_config.docker_cmd, "buildx", *words], seconds=seconds)
