"""os-eol: an operating system past the end of its free support."""

from collections.abc import Iterator

from builder.facts import systems
from builder.matrix.rules.rule import Context, Hit, Rule, group
from builder.model.finding import Severity


def _check(context: Context) -> Iterator[Hit]:
    for os, cells in group(context.cells, lambda cell: cell.os).items():
        system = systems.system(os)
        if system is None or not system.is_eol(context.today):
            continue
        paid = system.paid_eol
        bought = f"; paid support ends {paid}" if paid and paid > context.today else ""
        yield Hit(
            f"free support of {os} ended on {system.eol}{bought}",
            "Move to a newer release of it.",
            context.place(cells[0], "os"),
            cells,
        )


RULE = Rule(
    "os-eol",
    Severity.WARNING,
    "The operating system is past the end of its free support.",
    "It gets no security updates, and its package mirrors disappear one day, which ends all builds on it.",
    "Move to a newer release of it.",
    _check,
)
