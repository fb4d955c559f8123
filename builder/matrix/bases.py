"""Which base image a cell starts from, and where that may be found."""

from dataclasses import dataclass

from builder.facts import systems, tags
from builder.matrix.schema import Matrix
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
    origin = Repository.parse(settings.repository)
    mirrors = tuple(Repository.parse(mirror) for mirror in settings.mirrors)
    match cell.source:
        case Source.UPSTREAM:
            return _base(origin, mirrors, f"{cell.cuda}-{tags.spell(cell.cuda, str(cell.flavor))}-{cell.os}")
        case Source.NGC_PYTORCH:
            return _base(origin, mirrors, f"{cell.cuda}-py3")
        case Source.WHEELS | Source.CPU:
            system = systems.system(cell.os)
            if system is None:
                raise LookupError(f"there is no operating system `{cell.os}`")
            return _system_base(Reference.parse(system.image), origin, mirrors)


def _base(origin: Repository, mirrors: tuple[Repository, ...], tag: str) -> Base:
    return Base(origin.tag(tag), tuple(place.tag(tag) for place in (*mirrors, origin)))


def _system_base(image: Reference, origin: Repository, mirrors: tuple[Repository, ...]) -> Base:
    """Official images live in the namespace that the matrix names; others keep their own registry."""
    if (image.repository.registry, image.repository.path.partition("/")[0]) != (DOCKER_HUB, "library"):
        return Base(image, (image,))
    name = image.repository.path.removeprefix("library/")
    return _base(origin / name, tuple(mirror / name for mirror in mirrors), image.tag)
