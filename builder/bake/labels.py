"""What an image says of itself: OCI annotations by the specification, and ours beside them."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from builder.facts import cuda
from builder.facts.wheels import NoWheel, fit
from builder.matrix.lock import Lock
from builder.model.cell import Cell
from builder.model.digest import Digest
from builder.model.reference import Reference

OCI = "org.opencontainers.image."
OURS = "io.cuda-image-builder."
KEY = f"{OURS}key"
INPUTS = f"{OURS}inputs"
TARGET = f"{OURS}target"


def labels(cell: Cell, target: str, base: Reference, base_digest: Digest, lock: Lock) -> dict[str, str]:
    """The labels of an image: what the cell promises, where it comes from, and the lock's date as its own."""
    created = datetime.fromtimestamp(lock.epoch_seconds, UTC)
    return {
        f"{OCI}created": created.strftime("%Y-%m-%dT%H:%M:%SZ"),
        f"{OCI}base.name": str(base),
        f"{OCI}base.digest": str(base_digest),
        f"{OCI}title": target,
        TARGET: target,
        f"{OURS}epoch": lock.epoch.isoformat(),
        **{f"{OURS}{axis}": value for axis, value in cell.values().items() if value},
        **dict(_hardware(cell)),
    }


def annotations(told: Mapping[str, str], key: Digest, inputs: bytes) -> dict[str, str]:
    """The annotations of a manifest: its labels, the key it was built for, and that key's inputs as JSON."""
    return {**told, KEY: str(key), INPUTS: inputs.decode()}


def _hardware(cell: Cell) -> Iterator[tuple[str, str]]:
    """What the image runs on, as far as the tables are sure of it.

    `driver.min` runs the machine code in it, `driver.full` PTX too; `sm` are the compute capabilities that
    torch, or else nvcc, has machine code for.
    """
    release = cuda.release(cell.cuda)
    if release is None:
        return
    yield f"{OURS}driver.min", release.minor_driver
    if release.min_driver and "min_driver" not in release.unverified:
        yield f"{OURS}driver.full", release.min_driver
    wheel = fit(cell.torch, cell.cuda, cell.platform.architecture) if cell.torch else None
    if wheel is None:
        yield f"{OURS}sm", " ".join(release.sm)
    elif not isinstance(wheel, NoWheel) and wheel.archs and "archs" not in wheel.unverified:
        yield f"{OURS}sm", str(wheel.archs).replace(";", " ")
