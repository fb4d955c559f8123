"""One bake call: Buildx builds and pushes one target, and tells how far it is."""

import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from builder.engine.diagnosis import cause
from builder.engine.processes import started
from builder.engine.solve import Solve
from builder.model.digest import Digest
from builder.model.outcome import Built, Cause, Failed
from builder.model.progress import Progress

if TYPE_CHECKING:
    from python_on_whales import DockerClient

Observer = Callable[[Progress], None]
# Secrets and named contexts lie outside the bake file's folder; whoever wrote the file chose them.
_ENTITLED = {"BUILDX_BAKE_ENTITLEMENTS_FS": "0"}


def bake(
    docker: "DockerClient",
    definition: Mapping[str, Any],
    name: str,
    *,
    observer: Observer,
    reproduce: str,
    builder: str | None = None,
) -> Built | Failed:
    """Build and push one target of a bake file. `reproduce` is the command that a failure will name."""
    solve = Solve(name)
    begin = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="bake-") as scratch:
        file, metadata = Path(scratch, "bake.json"), Path(scratch, "metadata.json")
        file.write_text(json.dumps(definition))
        flags = ["--progress=rawjson", f"--file={file}", f"--metadata-file={metadata}"]
        flags += [*_allowed(definition), *([f"--builder={builder}"] if builder else [])]
        # The client library's `bake` keeps all that is said, and its child goes on when we end.
        command = [*docker.client_config.docker_cmd, "buildx", "bake", *flags, name]
        with started(command, os.environ | _ENTITLED) as process:
            for line in process.stdout or ():
                if solve.feed(line):
                    observer(solve.progress())
        if process.returncode:
            return _failed(solve, reproduce)
        try:
            written = json.loads(metadata.read_text())[name]["containerimage.digest"]
        except (OSError, ValueError, KeyError):
            return Failed(Cause.OTHER, "", (*solve.said, "Buildx reported no digest"), reproduce)
    return Built(Digest.parse(written), time.monotonic() - begin, steps=solve.steps())


def _allowed(definition: Mapping[str, Any]) -> Iterator[str]:
    """The flags for what Buildx does not let a bake file have by itself."""
    if "host" in {target.get("network") for target in definition["target"].values()}:
        yield "--allow=network.host"


def _failed(solve: Solve, reproduce: str) -> Failed:
    step, error, log = solve.failure()
    lines = log or tuple(solve.said)
    return Failed(cause(step, error, log, solve.said), step, (*lines, error) if error else lines, reproduce)
