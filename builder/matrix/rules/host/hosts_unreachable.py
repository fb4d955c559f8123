"""hosts-unreachable: a declared host that does not exist, or on which nothing of the family runs."""

from collections.abc import Iterator

from builder.matrix.machines.machine import Machine, machine
from builder.matrix.machines.runs import Runs, runs
from builder.matrix.rules.host.declared import asked
from builder.matrix.rules.rule import Context, Hit, Rule, warn_if
from builder.matrix.schema import HostEntry
from builder.model.finding import Severity


def _check(context: Context) -> Iterator[Hit]:
    for i, entry in enumerate(context.matrix.hosts):
        where = context.locate("hosts", i)
        try:
            found = machine(entry)
        except LookupError as error:
            yield Hit(str(error), "Correct the entry, or name the host by `gpu` and `driver`.", where)
            continue
        if objection := _objection(context, entry, found):
            message, fix, doubtful = objection
            yield Hit(f"{found.name}: {message}", fix, where, severity=warn_if(doubtful))


def _objection(context: Context, entry: HostEntry, machine: Machine) -> tuple[str, str, bool] | None:
    if machine.gone:
        return machine.gone, "Remove it, or name the size that took its place.", "status" in machine.doubts
    if machine.cc is None:
        return f"{machine.gpu} is no GPU of NVIDIA's", "Remove it: CUDA does not run there.", False
    cells = asked(context, entry)
    if not cells:
        return "no image is promised to it", "Correct its `match`, or remove the host.", False
    mine = [cell for cell in cells if cell.platform.architecture == machine.arch]
    if not mine:
        return f"it is {machine.arch}, and no image is", f"Add linux/{machine.arch} to the platforms.", False
    if not any(isinstance(runs(cell, machine), Runs) for cell in mine):
        return "nothing that is promised to it runs there", "See driver-floor and gpu-not-covered.", False
    return None


RULE = Rule(
    "hosts-unreachable",
    Severity.ERROR,
    "A declared host is unknown, retired, of another architecture, or runs nothing of the family.",
    "The family would be released for machines that nobody can have, or on which it cannot start.",
    "Correct or remove the entry, or add what it needs to the matrix.",
    _check,
)
