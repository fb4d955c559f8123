"""repo-key-unknown: a base whose key for NVIDIA's packages is compared with nothing."""

from collections.abc import Iterator

from builder.facts import keys
from builder.matrix.rules.rule import Context, Hit, Rule, group
from builder.model.cell import Cell
from builder.model.finding import Severity

_FIX = "Look at the base's keys yourself, or choose a system whose key is known."


def _check(context: Context) -> Iterator[Hit]:
    def unpinned(cell: Cell) -> str | None:
        return cell.os if keys.repository(cell.os) and keys.pin(cell.os) is None else None

    for os, cells in group(context.upstream, unpinned).items():
        yield Hit(
            f"no verified key is known for NVIDIA's packages for {os}: what its base trusts is not compared",
            _FIX,
            context.place(cells[0], "os"),
            cells,
        )


RULE = Rule(
    "repo-key-unknown",
    Severity.NOTE,
    "Nobody could verify which key signs NVIDIA's packages for this system, and builds compare none.",
    "A base with a former key, or another's, is found out by `apt-get update` and `dnf` only.",
    _FIX,
    _check,
)
