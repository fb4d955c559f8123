"""Which base image a cell starts from, and where that may be found."""

from dataclasses import dataclass
from functools import cache

from builder.facts import systems, tags
from builder.facts.version import is_number
from builder.matrix.schema import Matrix
from builder.matrix.schema.sources import NgcRelease
from builder.model.cell import Cell, Source
from builder.model.reference import DOCKER_HUB, Reference, Repository


@dataclass(frozen=True, slots=True)
class Base:
    """A base image by its proper name, and the places to look for it in: mirrors, then the origin."""

    name: Reference
    places: tuple[Reference, ...]


def base_of(matrix: Matrix, cell: Cell) -> Base:
    """The base of a cell.

    Raises:
        LookupError: when the tables know no such image; the message says which would exist.
    """
    settings = matrix.sources.of(cell.source)
    places = (*settings.mirrors, settings.repository)
    match cell.source:
        case Source.UPSTREAM if not is_number(cell.cuda):
            raise LookupError(f"{cell.cuda} is no version of CUDA")
        case Source.UPSTREAM:
            return _base(places, f"{cell.cuda}-{tags.spell(cell.cuda, str(cell.flavor))}-{cell.os}")
        case Source.NGC_PYTORCH:
            found = ngc_release(matrix, cell.cuda, cell.os)
            if found is None:
                raise LookupError(f"no release of ngc-pytorch is given for CUDA {cell.cuda} on {cell.os}")
            return _base(places, f"{found[0]}-py3")
        case Source.WHEELS | Source.CPU:
            system = systems.system(cell.os)
            if system is None:
                raise LookupError(f"there is no operating system `{cell.os}`")
            return _system_base(Reference.parse(system.image), places)


def ngc_release(matrix: Matrix, cuda: str, os: str) -> tuple[str, NgcRelease] | None:
    """The newest release of NVIDIA's PyTorch image that the matrix says to have this CUDA and system."""
    return matrix.sources.ngc_pytorch.newest.get((cuda, os))


@cache
def _base(places: tuple[str, ...], tag: str) -> Base:
    """`places` are repositories, the last of them the origin."""
    found = tuple(Repository.parse(place).tag(tag) for place in places)
    return Base(found[-1], found)


def _system_base(image: Reference, places: tuple[str, ...]) -> Base:
    """Official images live in the namespace that the matrix names; others keep their own registry."""
    namespace, _, name = image.repository.path.partition("/")
    if (image.repository.registry, namespace) != (DOCKER_HUB, "library"):
        return Base(image, (image,))
    return _base(tuple(f"{place}/{name}" for place in places), image.tag)
