"""demand-impossible: a GPU that receipts must show, and on which the image cannot run."""

from collections.abc import Iterator

from builder.facts.archs import capability
from builder.matrix.machines.machine import Machine
from builder.matrix.machines.needs import needs
from builder.matrix.machines.runs import Breaks, meets
from builder.matrix.policy import policy_of
from builder.matrix.rules.rule import Context, Hit, Rule, group, warn_if
from builder.model.cell import Cell
from builder.model.finding import Severity
from builder.model.policy import Demand


def _check(context: Context) -> Iterator[Hit]:
    def broken(cell: Cell) -> tuple[Demand, Breaks] | None:
        for demand in policy_of(context.matrix.smoke, cell).demands:
            if verdict := _verdict(cell, demand):
                return demand, verdict
        return None

    for (demand, verdict), cells in group(context.cells, broken).items():
        cuda = ", ".join(dict.fromkeys(cell.cuda for cell in cells))
        yield Hit(
            f"CUDA {cuda} cannot be tested on {demand}: {verdict.why}",
            "Ask for it in a policy that matches only what runs there.",
            context.locate("smoke", "gpus"),
            cells,
            warn_if(not verdict.sure),
        )


def _verdict(cell: Cell, demand: Demand) -> Breaks | None:
    cc = capability(demand.capability)
    if cc is None:
        return None
    driver = demand.driver if demand.driver[:1].isdigit() else None
    machine = Machine(str(demand), cell.platform.architecture, str(demand), cc, driver)
    verdict = meets(needs(cell), machine, cc)
    return verdict if isinstance(verdict, Breaks) else None


RULE = Rule(
    "demand-impossible",
    Severity.ERROR,
    "The smoke policy asks for a GPU on which the image cannot run.",
    "No receipt can ever show it, so the gate would refuse every release.",
    "Ask for the GPU in a policy that matches only what runs there.",
    _check,
)
