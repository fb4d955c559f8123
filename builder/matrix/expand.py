"""From axes, exclusions, inclusions and overrides to targets."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from builder.facts import systems
from builder.matrix.load import Loaded
from builder.matrix.match import matches
from builder.matrix.schema import AXES, Include, Matrix
from builder.matrix.wheels import COMPONENTS
from builder.model.cell import CPU, NONE, Cell, Flavor, Level, Source, Target
from builder.model.location import Location
from builder.model.platform import Platform


@dataclass(frozen=True, slots=True)
class Expansion:
    """The targets of a matrix, and how often each of its rules took effect, by position in its list."""

    targets: tuple[Target, ...]
    excluded: tuple[int, ...]
    overridden: tuple[int, ...]
    doubled: tuple[Cell, ...]

    @property
    def cells(self) -> tuple[Cell, ...]:
        """All cells, target by target."""
        return tuple(cell for target in self.targets for cell in target.cells)


@dataclass(frozen=True, slots=True)
class _Point:
    """A cell as its axes say, before overrides: cells with equal points less the platform are one target."""

    values: tuple[str, ...]
    where: Location

    def named(self) -> dict[str, str]:
        return dict(zip(AXES, self.values, strict=True))


def expand(loaded: Loaded) -> Expansion:
    """Every cell that should exist, grouped to targets; in the order of the names, whatever the text's order."""
    matrix = loaded.matrix
    points = list(_points(loaded))
    excludes = [rule.match.given() for rule in matrix.exclude]
    overrides = [(rule.match.given(), rule.set.model_dump(exclude_none=True)) for rule in matrix.override]
    excluded, overridden = [0] * len(excludes), [0] * len(overrides)
    groups: dict[tuple[str, ...], dict[str, Cell]] = {}
    doubled = []
    for point, excludable in points:
        values = point.named()
        hits = [i for i, match in enumerate(excludes) if excludable and matches(match, values)]
        for i in hits:
            excluded[i] += 1
        if hits:
            continue
        changed = dict(values)
        for i, (match, assignment) in enumerate(overrides):
            if matches(match, values):
                overridden[i] += 1
                changed.update(assignment)
        cell = _cell(changed, matrix, point.where)
        group = groups.setdefault(_without_platform(values), {})
        if values["platform"] in group:
            doubled.append(cell)
        group[values["platform"]] = cell
    targets = sorted((_target(tuple(group.values())) for group in groups.values()), key=lambda t: t.name)
    return Expansion(tuple(targets), tuple(excluded), tuple(overridden), tuple(doubled))


def _points(loaded: Loaded) -> Iterator[tuple[_Point, bool]]:
    axes = loaded.matrix.axes
    for i, cuda in enumerate(axes.cuda):
        where = loaded.document.locate(("axes", "cuda", i))
        for rest in product(axes.source, axes.flavor, axes.os, axes.platform, axes.torch, axes.python):
            yield _point(rest[0], cuda, *rest[1:], where=where), True
    for i, entry in enumerate(loaded.matrix.include):
        where = loaded.document.locate(("include", i))
        for values in _included(entry, axes.platform):
            yield _point(*values, where=where), False


def _included(entry: Include, platforms: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    platform = entry.platform or platforms
    return product(entry.source, entry.cuda, entry.flavor, entry.os, platform, entry.torch, entry.python)


def _point(source: str, cuda: str, *rest: str, where: Location) -> _Point:
    return _Point((str(Source.CPU) if cuda == CPU else source, cuda, *rest), where)


def _without_platform(values: dict[str, str]) -> tuple[str, ...]:
    return tuple(value for axis, value in values.items() if axis != "platform")


def _cell(values: dict[str, str], matrix: Matrix, where: Location) -> Cell:
    platform = Platform.parse(values["platform"])
    system = systems.system(values["os"])
    python = values["python"]
    return Cell(
        source=Source(values["source"]),
        cuda="" if values["cuda"] == CPU else values["cuda"],
        flavor=Flavor(values["flavor"]),
        os=values["os"],
        platform=platform,
        torch="" if values["torch"] == NONE else values["torch"],
        python=(system.python or "" if system else "") if python == "os" else python,
        components=_components(Source(values["source"]), Flavor(values["flavor"]), matrix),
        require=Level.CPU if values["cuda"] == CPU else matrix.smoke.level(platform),
        where=where,
    )


def _components(source: Source, flavor: Flavor, matrix: Matrix) -> tuple[str, ...]:
    if source is not Source.WHEELS:
        return ()
    return matrix.sources.wheels.components.get(flavor.value, COMPONENTS[flavor])


def _target(cells: tuple[Cell, ...]) -> Target:
    cells = tuple(sorted(cells, key=lambda cell: cell.platform))
    return Target(target_name(cells), cells)


def target_name(cells: tuple[Cell, ...]) -> str:
    """`13.0.2-devel-debian12-py3.11-torch2.13.0`, less what differs between the platforms."""
    first = cells[0]
    same = {axis for axis, value in first.values().items() if all(c.values()[axis] == value for c in cells)}
    parts = [first.cuda or CPU, str(first.flavor), first.os]
    if first.python and "python" in same:
        parts.append(f"py{first.python}")
    if first.torch and "torch" in same:
        parts.append(f"torch{first.torch}")
    if first.source in (Source.WHEELS, Source.NGC_PYTORCH) and "source" in same:
        parts.append(str(first.source))
    return "-".join(parts)
