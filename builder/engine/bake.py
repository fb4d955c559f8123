"""One bake call: Buildx builds and pushes one target, and tells how far it is."""

import json
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from builder.engine.diagnosis import cause
from builder.engine.solve import Solve
from builder.model.digest import Digest
from builder.model.outcome import Built, Cause, Failed
from builder.model.progress import Progress

if TYPE_CHECKING:
    from python_on_whales import DockerClient

Observer = Callable[[Progress], None]
# Secrets and named contexts lie outside the bake file's folder; whoever wrote the file chose them.
_ENTITLED = {"BUILDX_BAKE_ENTITLEMENTS_FS": "0"}
# The client library has no parameter for it, and Buildx takes flags after names as well.
_HOST_NETWORK = "--allow=network.host"


def bake(
    docker: "DockerClient",
    definition: Mapping[str, Any],
    name: str,
    *,
    observer: Observer,
    reproduce: str,
    builder: str | None = None,
    cache: bool = True,
) -> Built | Failed:
    """Build and push one target of a bake file. `reproduce` is the command that a failure will name."""
    from python_on_whales.exceptions import DockerException

    solve = Solve(name)
    begin = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="bake-") as scratch:
        file, metadata = Path(scratch, "bake.json"), Path(scratch, "metadata.json")
        file.write_text(json.dumps(definition))
        try:
            lines = docker.buildx.bake(
                [name, *_allowed(definition)],
                files=file,
                builder=builder,
                cache=cache,
                metadata_file=metadata,
                progress="rawjson",  # type: ignore[arg-type]  # passed through to Buildx, which knows it
                stream_logs=True,
                variables=_ENTITLED,
            )
            for line in lines:
                if solve.feed(str(line)):
                    observer(solve.progress())
        except DockerException:
            return _failed(solve, reproduce)
        try:
            written = json.loads(metadata.read_text())[name]["containerimage.digest"]
        except (OSError, ValueError, KeyError):
            return Failed(Cause.OTHER, "", (*solve.said, "Buildx reported no digest"), reproduce)
    return Built(Digest.parse(written), time.monotonic() - begin, steps=solve.steps())


def _allowed(definition: Mapping[str, Any]) -> tuple[str, ...]:
    """The flags for what Buildx does not let a bake file have by itself."""
    networks = {target.get("network") for target in definition["target"].values()}
    return (_HOST_NETWORK,) if "host" in networks else ()


def _failed(solve: Solve, reproduce: str) -> Failed:
    step, error, log = solve.failure()
    text = "\n".join((error, *log, *solve.said))
    lines = log or tuple(solve.said)
    return Failed(cause(step, text), step, (*lines, error) if error else lines, reproduce)
