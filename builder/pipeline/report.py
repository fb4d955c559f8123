"""report: tells from the registry alone what exists of a family, since when, and tested by what."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from builder.bake.labels import cell_of
from builder.model.cell import Cell, Target
from builder.model.errors import BuilderError, ExitCode
from builder.model.reference import Repository
from builder.model.release import Ready, Refused, Unchanged, Withheld
from builder.pipeline.existing.candidates import order
from builder.pipeline.existing.past import Past, read
from builder.pipeline.inputs.prepare import Work
from builder.pipeline.release import release
from builder.registry.client import Registry
from builder.release.records.record import Entry, Record
from builder.report.family.changes import changes
from builder.report.family.values import Family, Member, Point, Release, State


@dataclass(frozen=True, slots=True)
class _Wanted:
    """How it stands with the targets of a matrix, by name; `note` says why nobody could tell."""

    targets: Mapping[str, Target]
    states: Mapping[str, tuple[State, tuple[str, ...]]]
    note: str = ""


def collect(
    registry: Registry, repository: Repository, now: datetime, *, work: Work | None = None, history: int = 10
) -> Family:
    """The family in a release repository, compared with a matrix where there is one. `now` is UTC.

    Raises:
        BuilderError: (20 to 24) when a registry fails; what it says it does not have is a gap instead.
    """
    past = read(registry, repository, history)
    wanted = _wanted(registry, work, now) if work else _Wanted({}, {})
    newest = {entry.target: entry for entry in past.records[-1].entries} if past.records else {}
    names = sorted({*newest, *wanted.targets})
    members = tuple(_member(name, newest.get(name), wanted, past, asked=work is not None) for name in names)
    releases = tuple(_releases(past))
    return Family(repository, now, members, releases, past.gaps, tuple(filter(None, (wanted.note,))))


def _wanted(registry: Registry, work: Work, now: datetime) -> _Wanted:
    """What a release would do now, without doing it."""
    targets = {target.name: target for target in work.selected}
    asked = order(registry, work, now)
    built = {c.name: all(part.staged for part in c.parts) for c in asked.candidates}
    try:
        outcomes = release(registry, asked, dry_run=True).outcomes
    except BuilderError as error:
        if error.code is not ExitCode.TAG_EXISTS:
            raise
        return _Wanted(targets, {}, f"nothing can be released: {error}")
    states: dict[str, tuple[State, tuple[str, ...]]] = {}
    for outcome in outcomes:
        match outcome:
            case Unchanged(target):
                states[target] = (State.PUBLISHED, ())
            case Ready(target):
                states[target] = (State.READY, ("it is tested, and the next release will publish it",))
            case Withheld(target, reasons):
                states[target] = (State.WITHHELD, reasons)
            case Refused(target, reasons):
                states[target] = (State.FAILED if built[target] else State.MISSING, reasons)
    return _Wanted(targets, states)


def _member(name: str, entry: Entry | None, wanted: _Wanted, past: Past, *, asked: bool) -> Member:
    target = wanted.targets.get(name)
    state, reasons = wanted.states.get(name, (State.MISSING, ()))
    if entry is None:
        cells = target.cells if target else ()
        return Member(name, state, _values(cells), cells, reasons=reasons)
    found = {p: past.images.get(digest) for p, digest in sorted(entry.platforms.items())}
    cells = tuple(cell_of(past.labels.get(digest, {}), p) for p, digest in sorted(entry.platforms.items()))
    return Member(
        name=name,
        state=State.PUBLISHED if target or not asked else State.RETIRED,
        values=_values(cells),
        cells=cells,
        tags=entry.tags,
        rolling=entry.rolling,
        epoch=entry.epoch,
        index=entry.index.digest,
        images=tuple(image for image in found.values() if image),
        lost=tuple(platform for platform, image in found.items() if image is None),
        history=tuple(_points(name, past)),
        reasons=reasons,
    )


def _values(cells: Sequence[Cell]) -> Mapping[str, str]:
    """The values of the axes; where platforms differ, all of them."""
    every = [cell.values() for cell in cells]
    return {
        axis: " / ".join(dict.fromkeys(values[axis] for values in every))
        for axis in (every[0] if every else ())
        if axis != "platform"
    }


def _points(target: str, past: Past) -> Iterable[Point]:
    for record in past.records:
        entry = record.entry(target)
        if entry is None:
            continue
        found = {p: image for p, digest in entry.platforms.items() if (image := past.images.get(digest))}
        yield Point(
            record.name,
            record.epoch,
            {p: image.size for p, image in found.items()},
            {p: image.built for p, image in found.items() if image.built is not None},
            {p: image.tested for p, image in found.items() if image.tested is not None},
        )


def _releases(past: Past) -> Iterable[Release]:
    earlier: tuple[Record | None, ...] = (*(() if past.cut else (None,)), *past.records)
    for before, record in zip(earlier, past.records[1:] if past.cut else past.records, strict=False):
        digests = {digest for entry in record.entries for digest in entry.platforms.values()}
        images = [past.images[digest] for digest in digests if digest in past.images]
        stored = {layer.digest: layer.size for image in images for layer in image.layers}
        yield Release(
            name=record.name,
            day=record.epoch,
            targets=len(record.entries),
            images=len(digests),
            size=sum(stored.values()),
            changes=changes(
                before.entries if before else (), record.entries, lambda digest: past.inputs.get(digest, {})
            ),
            rollback=record.rollback,
            built=_sum(image.built for image in images),
            tested=_sum(image.tested for image in images),
        )


def _sum(seconds: Iterable[float | None]) -> float | None:
    """All together; None where one is not known."""
    every = list(seconds)
    known = [one for one in every if one is not None]
    return sum(known) if len(known) == len(every) else None
