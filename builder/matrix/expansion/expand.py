"""From axes, exclusions, inclusions and overrides to targets."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product

from builder.matrix.conda.file import NO_FILE, EnvironmentFile
from builder.matrix.expansion.cells import derive, make, target
from builder.matrix.match import matches
from builder.matrix.schema import AXES, Include, Matrix
from builder.matrix.text.load import Loaded
from builder.model.cell import Cell, Target
from builder.model.location import Location


@dataclass(frozen=True, slots=True)
class Expansion:
    """The targets of a matrix, and how often each of its rules took effect, by position in its list.

    `doubled` are cells that are asked for again; `apps` are the targets that are built over the others.
    """

    targets: tuple[Target, ...]
    excluded: tuple[int, ...]
    overridden: tuple[int, ...]
    doubled: tuple[Cell, ...]
    apps: tuple[Target, ...] = ()

    @property
    def all(self) -> tuple[Target, ...]:
        """The family's targets and those of its apps."""
        return (*self.targets, *self.apps)

    @property
    def cells(self) -> tuple[Cell, ...]:
        """The family's cells, target by target."""
        return tuple(cell for target in self.targets for cell in target.cells)


@dataclass(frozen=True, slots=True)
class _Point:
    """A cell as its axes say, before overrides, and where the matrix asks for it."""

    values: Mapping[str, str]
    where: Location
    included: bool

    @property
    def group(self) -> tuple[str, ...]:
        """What the cells of one target have in common."""
        return tuple(value for axis, value in self.values.items() if axis != "platform")


def expand(loaded: Loaded, environment: EnvironmentFile = NO_FILE) -> Expansion:
    """Every cell that should exist, grouped to targets, which are in the order of their names."""
    matrix = loaded.matrix
    excludes = [rule.match.given() for rule in matrix.exclude]
    excluded, overridden = [0] * len(excludes), [0] * len(matrix.override)
    groups: dict[tuple[str, ...], dict[str, Cell]] = {}
    doubled = []
    for point in _points(loaded):
        hits = [i for i, match in enumerate(excludes) if not point.included and matches(match, point.values)]
        for i in hits:
            excluded[i] += 1
        if hits:
            continue
        overrides = [i for i, rule in enumerate(matrix.override) if matches(rule.match.given(), point.values)]
        for i in overrides:
            overridden[i] += 1
        assignments = [matrix.override[i].set for i in overrides]
        cell = make(matrix, point.values, assignments, point.where, environment)
        group = groups.setdefault(point.group, {})
        if point.values["platform"] in group:
            doubled.append(cell)
        group[point.values["platform"]] = cell
    targets = sorted((target(group.values()) for group in groups.values()), key=lambda target: target.name)
    return Expansion(tuple(targets), tuple(excluded), tuple(overridden), tuple(doubled))


def _points(loaded: Loaded) -> Iterator[_Point]:
    matrix, locate = loaded.matrix, loaded.document.locate
    axes = {axis: getattr(matrix.axes, axis) for axis in AXES}
    for i, cuda in enumerate(matrix.axes.cuda):
        where = locate(("axes", "cuda", i))
        for values in _product({**axes, "cuda": (cuda,)}, matrix):
            yield _Point(values, where, included=False)
    for i, entry in enumerate(matrix.include):
        where = locate(("include", i))
        for values in _product(_values(entry, matrix), matrix):
            yield _Point(values, where, included=True)


def _product(axes: Mapping[str, tuple[str, ...]], matrix: Matrix) -> Iterator[Mapping[str, str]]:
    """Each combination once: what is derived may make two of them equal."""
    seen = set()
    for combination in product(*axes.values()):
        values = derive(matrix, dict(zip(axes, combination, strict=True)))
        if (point := tuple(values.values())) not in seen:
            seen.add(point)
            yield values


def _values(entry: Include, matrix: Matrix) -> dict[str, tuple[str, ...]]:
    """The values of an entry, those that it leaves out from the defaults."""
    return {
        axis: getattr(entry, axis) or getattr(matrix.defaults, axis, None) or getattr(matrix.axes, axis)
        for axis in AXES
    }
