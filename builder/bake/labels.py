"""What an image says of itself: OCI annotations by the specification, and ours beside them."""

from collections.abc import Iterator, Mapping
from datetime import date

from builder.matrix.machines.needs import needs
from builder.model.cell import CPU, NONE, Cell, Env, Flavor, Source
from builder.model.digest import Digest
from builder.model.platform import Platform
from builder.model.reference import Reference

OCI = "org.opencontainers.image."
OURS = "io.cuda-image-builder."
KEY = f"{OURS}key"
INPUTS = f"{OURS}inputs"
TARGET = f"{OURS}target"


def labels(cell: Cell, target: str, base: Reference, base_digest: Digest, epoch: date) -> dict[str, str]:
    """The labels of an image: what the cell promises, where it comes from, and its epoch as its date."""
    return {
        f"{OCI}created": f"{epoch}T00:00:00Z",
        f"{OCI}base.name": str(base),
        f"{OCI}base.digest": str(base_digest),
        f"{OCI}title": target,
        TARGET: target,
        f"{OURS}epoch": epoch.isoformat(),
        **{f"{OURS}{axis}": value for axis, value in cell.values().items() if value and value != Env.PIP},
        **dict(_hardware(cell)),
    }


def annotations(told: Mapping[str, str], key: Digest, inputs: bytes) -> dict[str, str]:
    """The annotations of a manifest: its labels, the key it was built for, and that key's inputs as JSON."""
    return {**told, KEY: str(key), INPUTS: inputs.decode()}


def cell_of(told: Mapping[str, str], platform: Platform) -> Cell:
    """The cell that an image's labels tell of, less its app; what they lack is empty."""
    source, cuda, flavor, torch, python, env = (
        told.get(f"{OURS}{axis}", "") for axis in ("source", "cuda", "flavor", "torch", "python", "env")
    )
    return Cell(
        source=Source(source) if source in set(Source) else Source.UPSTREAM,
        cuda="" if cuda == CPU else cuda,
        flavor=Flavor(flavor) if flavor in set(Flavor) else Flavor.BASE,
        os=told.get(f"{OURS}os", ""),
        platform=platform,
        torch="" if torch == NONE else torch,
        python="" if python == NONE else python,
        env=Env(env) if env in set(Env) else Env.PIP,
    )


def _hardware(cell: Cell) -> Iterator[tuple[str, str]]:
    """What the image runs on, as far as the tables are sure of it.

    `driver.min` runs the machine code in it, `driver.full` PTX too; `sm` are the compute capabilities that
    torch, or else nvcc, has machine code for.
    """
    needed = needs(cell)
    toolkit, wheel = needed.toolkit, needed.wheel
    if toolkit is None:
        return
    yield f"{OURS}driver.min", needed.min_driver
    if toolkit.min_driver and "min_driver" not in toolkit.unverified:
        yield f"{OURS}driver.full", toolkit.min_driver
    if needed.archs and not needed.unknown and not (wheel and "archs" in wheel.unverified):
        yield f"{OURS}sm", str(needed.archs).replace(";", " ")
