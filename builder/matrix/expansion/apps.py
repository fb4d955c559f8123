"""Where in the matrix its apps are built, and on which images of the family."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from builder.matrix.expansion.cells import target
from builder.matrix.expansion.stages import Outline, Use, outline
from builder.matrix.match import matches
from builder.matrix.schema import App as AppEntry
from builder.matrix.text.load import Loaded
from builder.model.app import App, Parent, Sources
from builder.model.cell import Cell, Flavor, Target

FLAVORS = tuple(map(str, Flavor))
_PINNED = "@sha256:"


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Why an app's files could not be read, and where it was tried."""

    why: str
    where: str


Read = Sources | Unreadable
_Point = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lacking:
    """A flavor that an app names, and the cells beside which the family does not have it."""

    flavor: str
    cells: tuple[Cell, ...]


def apps(loaded: Loaded, family: Sequence[Target], sources: Mapping[str, Read]) -> tuple[Target, ...]:
    """The targets of all apps that can be built, by name; the rules say why others cannot."""
    built: list[Target] = []
    for name, entry in loaded.matrix.apps.items():
        read = sources.get(name)
        found = understood(entry, read) if isinstance(read, Sources) else None
        if not isinstance(read, Sources) or not isinstance(found, Outline):
            continue
        if unknown(found) or lacking(entry, found, family):
            continue
        where = loaded.document.locate_key(("apps", name))
        cells: dict[str, list[Cell]] = {}
        for parents in _parents(entry, found, family):
            twins = _twins(parents, found, family)
            app = App(name, read, parents, dict(entry.args), entry.test, entry.seconds, twins)
            cells.setdefault(parents[0].target, []).append(replace(parents[0].cell, app=app, where=where))
        built += [target(some) for some in cells.values()]
    return tuple(sorted(built, key=lambda target: target.name))


def understood(entry: AppEntry, sources: Sources) -> Outline | str:
    """What the app's Dockerfile is built from, or why nobody can tell."""
    try:
        return outline(sources.text, entry.args)
    except ValueError as error:
        return str(error)


def unknown(found: Outline) -> tuple[Use, ...]:
    """The images that are neither flavors nor fixed: only the last stage has to stand on a flavor."""
    other = {use for use in found.images if use.name not in FLAVORS}
    loose = {use for use in other if use.name != "scratch" and _PINNED not in use.name}
    return tuple(sorted(loose | ({found.final} & other), key=lambda use: use.line))


def lacking(entry: AppEntry, found: Outline, family: Iterable[Target]) -> tuple[Lacking, ...]:
    """The flavors that the family does not have at points where the app is to be built."""
    points = _points(entry, family)
    return tuple(
        Lacking(name, missing)
        for name in _named(found)
        if (missing := tuple(next(iter(at.values())).cell for at in points if name not in at))
    )


def is_built(entry: AppEntry, family: Iterable[Target]) -> bool:
    """Whether the app's match leaves any point of the matrix."""
    return bool(_points(entry, family))


def _parents(entry: AppEntry, found: Outline, family: Iterable[Target]) -> Iterator[tuple[Parent, ...]]:
    return (tuple(at[name] for name in _named(found)) for at in _points(entry, family))


def _twins(parents: Iterable[Parent], found: Outline, family: Iterable[Target]) -> tuple[Parent, ...]:
    native = {parent.target: parent.cell for parent in parents if str(parent.cell.flavor) in found.native}
    return tuple(
        Parent(one.name, cell)
        for one in family
        if one.name in native
        for cell in one.cells
        if cell.platform != native[one.name].platform
    )


def _named(found: Outline) -> tuple[str, ...]:
    """The flavors that a Dockerfile names, the one of its last stage first."""
    names = (found.final.name, *(use.name for use in found.images))
    return tuple(dict.fromkeys(name for name in names if name in FLAVORS))


def _points(entry: AppEntry, family: Iterable[Target]) -> list[dict[str, Parent]]:
    """The points of the matrix that the app is for: the images of each by their flavor."""
    terms = entry.match.given() if entry.match else {}
    points: dict[_Point, dict[str, Parent]] = {}
    chosen: set[_Point] = set()
    for one in family:
        for cell in one.cells:
            values = cell.values()
            point = tuple(value for axis, value in values.items() if axis != "flavor")
            points.setdefault(point, {})[str(cell.flavor)] = Parent(one.name, cell)
            if matches(terms, values):
                chosen.add(point)
    return [at for point, at in points.items() if point in chosen]
