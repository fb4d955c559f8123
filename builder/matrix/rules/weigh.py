"""What the matrix's own `rules:` make of a hit."""

from collections.abc import Iterable

from builder.matrix.match import matches
from builder.matrix.rules.rule import Hit, Rule
from builder.matrix.schema import Adjustment
from builder.model.cell import Cell
from builder.model.finding import Severity

SILENT = "silent"


def weigh(rule: Rule, hit: Hit, entries: Iterable[Adjustment]) -> dict[Severity, list[Cell]]:
    """The severities of a hit after the adjustments, each with its cells; nothing where all are silenced."""
    own = hit.severity or rule.severity
    mine = [entry for entry in entries if entry.id == rule.id and not _lowers(rule, entry)]
    if not mine:
        return {own: list(hit.cells)}
    weighed: dict[Severity, list[Cell]] = {}
    for cell in hit.cells:
        if (severity := _severity(own, mine, cell)) is not None:
            weighed.setdefault(severity, []).append(cell)
    if not hit.cells and (severity := _severity(own, mine, None)) is not None:
        weighed[severity] = []
    return weighed


def applies(entry: Adjustment, hit: Hit) -> bool:
    """Whether an entry is for some cells of a hit; where it has none, only one without a match is."""
    return any(_is_for(entry, cell) for cell in hit.cells) if hit.cells else entry.match is None


def _lowers(rule: Rule, entry: Adjustment) -> bool:
    return rule.firm and entry.severity != "error"


def _is_for(entry: Adjustment, cell: Cell | None) -> bool:
    return entry.match is None or (cell is not None and matches(entry.match.given(), cell.values()))


def _severity(own: Severity, entries: Iterable[Adjustment], cell: Cell | None) -> Severity | None:
    severity: Severity | None = own
    for entry in entries:
        if _is_for(entry, cell):
            severity = None if entry.severity == SILENT else Severity(entry.severity)
    return severity
