"""A builder's cache, by flags that the client library does not have."""

import re
import subprocess
from typing import TYPE_CHECKING

from builder.model.errors import BuilderError, ExitCode

if TYPE_CHECKING:
    from python_on_whales import DockerClient

_DRIVER = re.compile(r"^Driver:\s*(\S+)", re.MULTILINE)


def driver(docker: "DockerClient", builder: str | None) -> str:
    """A builder's kind, `docker`, `docker-container`, `remote` or `kubernetes`; empty when nobody says."""
    found = _DRIVER.search(_buildx(docker, "inspect", *([builder] if builder else [])).stdout)
    return found[1] if found else ""


def prune(docker: "DockerClient", builder: str | None, keep: int) -> None:
    """Remove what was not used for the longest time, until the cache has at most `keep` bytes.

    Raises:
        BuilderError: (10) when the builder does not do it.
    """
    # Zero would be no limit.
    flags = ["--force", "--max-used-space", str(max(keep, 1)), *(["--builder", builder] if builder else [])]
    done = _buildx(docker, "prune", *flags)
    if done.returncode:
        said = done.stderr.strip().splitlines() or ["Buildx says nothing"]
        raise BuilderError(
            ExitCode.TOOL_MISSING,
            f"the build cache cannot be pruned: {said[-1]}",
            fix="--disk-budget needs a builder that answers and a Buildx whose `prune` has --max-used-space.",
            where=builder,
        )


def _buildx(docker: "DockerClient", *words: str) -> subprocess.CompletedProcess[str]:
    command = [*docker.client_config.docker_cmd, "buildx", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False)
