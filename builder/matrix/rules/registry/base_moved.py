"""base-moved: a base's tag that points to other images than the lock has."""

from collections.abc import Iterator

from builder.matrix.lock import LockedBase
from builder.matrix.rules.registry.answers import answered
from builder.matrix.rules.rule import Context, Hit, Rule
from builder.matrix.survey import Found
from builder.model.cell import Cell
from builder.model.finding import Severity

_FIX = "Run `python -m builder lock --update` to follow it; until then the locked digests are built on."


def _check(context: Context) -> Iterator[Hit]:
    for _, base, cells, answers in answered(context):
        locked = context.lock.bases.get(str(base.name)) if context.lock else None
        found = answers.first
        if locked is None or found is None or found.index == locked.index:
            continue
        following = [cell for cell in cells if _follows(cell, locked, found)]
        where = context.place(cells[0], "cuda", "os")
        if following:
            told = "; ".join(_told(cell, locked, found) for cell in _one_a_platform(following))
            yield Hit(f"{base.name} has moved: {told}", _FIX, where, following)
        elif all(cell.platform in found.platforms for cell in cells):
            told = f"index {locked.index.short} → {found.index.short}"
            what = f"{base.name} has moved, with the same images for these cells: {told}"
            yield Hit(what, _FIX, where, cells, Severity.NOTE)


def _follows(cell: Cell, locked: LockedBase, found: Found) -> bool:
    now = found.platforms.get(cell.platform)
    return now is not None and now != locked.platforms.get(cell.platform)


def _one_a_platform(cells: list[Cell]) -> list[Cell]:
    return list({cell.platform: cell for cell in reversed(cells)}.values())[::-1]


def _told(cell: Cell, locked: LockedBase, found: Found) -> str:
    before = locked.platforms.get(cell.platform)
    return f"{cell.platform} {before.short if before else '—'} → {found.platforms[cell.platform].short}"


RULE = Rule(
    "base-moved",
    Severity.WARNING,
    "A base's tag points to other images than the lock has; the finding names the cells that would follow.",
    "Upstream patches its images under the same tag: what is built on the old digest lacks the patches.",
    "Run `python -m builder lock --update`, review the difference, and build.",
    _check,
    online=True,
)
