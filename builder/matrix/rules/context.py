"""What rules look at, and what they say."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from builder.matrix.conda.file import NO_FILE, EnvironmentFile
from builder.matrix.expansion.apps import Read
from builder.matrix.expansion.bases import Base, base_of
from builder.matrix.expansion.expand import Expansion
from builder.matrix.expansion.lenders import lender
from builder.matrix.lock import Lock
from builder.matrix.match import matches
from builder.matrix.schema import Matrix, Tags
from builder.matrix.survey import Survey
from builder.matrix.tags import EPOCH, Template, shared_values
from builder.matrix.text.load import Loaded
from builder.model.cell import Cell, Source, Target
from builder.model.finding import Severity
from builder.model.location import Location


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing that a rule objects to, in some cells or in the matrix itself.

    `severity` is given where it is milder than the rule's own, as where a fact behind it was never checked.
    """

    message: str
    fix: str
    where: Location | None
    cells: Sequence[Cell] = ()
    severity: Severity | None = None


@dataclass(frozen=True, slots=True)
class Pattern:
    """A tag's template as written: `part` is `release` or `rolling`; `app` is empty for the family's own."""

    text: str
    part: str
    app: str
    where: Location


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag of a target, and the template it comes from."""

    target: Target
    pattern: Pattern
    text: str


@dataclass(frozen=True)
class Context:
    """All that a rule may look at. `lock` is None where there is none yet; `today` decides what has expired.

    `sources` are the apps' files by their names, `environment` is the file for conda's; `hits` is what the
    rules before said, by their id, for the one that looks after their silencing. `survey` is what registries
    said; None where none was asked.
    """

    loaded: Loaded
    expansion: Expansion
    lock: Lock | None
    today: date
    sources: Mapping[str, Read] = field(default_factory=dict)
    environment: EnvironmentFile = NO_FILE
    hits: tuple[tuple[str, Hit], ...] = ()
    survey: Survey | None = None

    @property
    def matrix(self) -> Matrix:
        """The matrix as written."""
        return self.loaded.matrix

    @property
    def targets(self) -> tuple[Target, ...]:
        """The targets of the family."""
        return self.expansion.targets

    @cached_property
    def cells(self) -> tuple[Cell, ...]:
        """The cells of the family."""
        return self.expansion.cells

    @cached_property
    def upstream(self) -> tuple[Cell, ...]:
        """The cells whose bases are NVIDIA's images."""
        return tuple(cell for cell in self.cells if cell.source is Source.UPSTREAM)

    @cached_property
    def bases(self) -> dict[str, tuple[Base, list[Cell]]]:
        """The bases by their proper names, each with its cells; cells that have none are left out.

        What lends a cell its Python stands on a base, too.
        """
        found: dict[str, tuple[Base, list[Cell]]] = {}
        for cell in self.cells:
            for base in dict.fromkeys(self._bases(cell)):
                found.setdefault(str(base.name), (base, []))[1].append(cell)
        return found

    def _bases(self, cell: Cell) -> Iterator[Base]:
        for one in filter(None, (cell, lender(cell))):
            with suppress(LookupError):  # the rules on bases say so
                yield base_of(self.matrix, one)

    @cached_property
    def patterns(self) -> tuple[Pattern, ...]:
        """The templates of tags: the family's and each app's."""
        own: list[tuple[str, Tags, tuple[str, ...]]] = [("", self.matrix.tags, ("tags",))]
        own += [(name, app.tags, ("apps", name, "tags")) for name, app in self.matrix.apps.items()]
        return tuple(
            Pattern(text, part, app, self.locate(*path, part, i))
            for app, tags, path in own
            for part in ("release", "rolling")
            for i, text in enumerate(getattr(tags, part))
        )

    @cached_property
    def tags(self) -> tuple[Tag, ...]:
        """What the templates come to on the lock's epoch; those that other rules refuse are left out."""
        epoch = self.lock.epoch if self.lock else date(2000, 1, 1)
        templates = [(one, template) for one in self.patterns if (template := _template(one.text))]
        return tuple(
            Tag(target, one, template.render(values, epoch))
            for target in self.expansion.all
            for values in (shared_values(target),)
            for one, template in templates
            if one.app == target.app and template.fields <= {*values, EPOCH}
        )

    @cached_property
    def _targets(self) -> dict[int, Target]:
        return {id(cell): target for target in self.expansion.all for cell in target.cells}

    @cached_property
    def _entries(self) -> dict[Location, int]:
        return {self.locate("include", i): i for i in range(len(self.matrix.include))}

    def target(self, cell: Cell) -> Target:
        """The target of a cell."""
        return self._targets[id(cell)]

    def subjects(self, cells: Iterable[Cell]) -> tuple[str, ...]:
        """The names of the cells' targets, with the platform where only one of several is meant."""
        meant: dict[str, list[Cell]] = {}
        for cell in cells:
            meant.setdefault(self.target(cell).name, []).append(cell)
        return tuple(
            name
            if len(some) == len(self.target(some[0]).cells)
            else f"{name} ({', '.join(str(cell.platform) for cell in some)})"
            for name, some in meant.items()
        )

    def entry(self, cell: Cell) -> int | None:
        """The entry of `include` that asks for a cell; None for the product of the axes."""
        return self._entries.get(cell.where) if cell.where else None

    def locate(self, *path: str | int) -> Location:
        """Where this part of the matrix stands."""
        return self.loaded.document.locate(path)

    def key(self, *path: str) -> Location:
        """Where this key of the matrix stands."""
        return self.loaded.document.locate_key(path)

    def place(self, cell: Cell, *axes: str) -> Location | None:
        """Where a cell gets its value of the first of these axes that is written somewhere."""
        return next((found for axis in axes if (found := self._place(cell, axis))), cell.where)

    def _place(self, cell: Cell, axis: str) -> Location | None:
        """In an override, in the cell's entry of `include`, or in `axes`."""
        value = cell.values()[axis]
        if (i := self._override(cell, axis, value)) is not None:
            return self.locate("override", i, "set", axis)
        entry = self.entry(cell)
        path: tuple[str | int, ...] = ("axes", axis) if entry is None else ("include", entry, axis)
        if path not in self.loaded.document.values:
            return None
        written = getattr(self.matrix.axes if entry is None else self.matrix.include[entry], axis)
        return self.locate(*path, written.index(value)) if value in written else self.locate(*path)

    def _override(self, cell: Cell, axis: str, value: str) -> int | None:
        others = {name: text for name, text in cell.values().items() if name != axis}
        for i, rule in reversed(tuple(enumerate(self.matrix.override))):
            match = {name: patterns for name, patterns in rule.match.given().items() if name != axis}
            if getattr(rule.set, axis, None) == value and matches(match, others):
                return i
        return None


def _template(text: str) -> Template | None:
    try:
        return Template.parse(text)
    except ValueError:
        return None  # tag-invalid says so
