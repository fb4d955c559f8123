"""What the declared hosts make of the targets, for the rules that each look at one layer."""

from collections.abc import Iterator
from dataclasses import dataclass

from builder.matrix.machines.machine import Machine, machine
from builder.matrix.machines.runs import Breaks, Layer, runs
from builder.matrix.match import matches
from builder.matrix.rules.rule import Context, Hit, group, warn_if
from builder.matrix.schema import HostEntry
from builder.model.cell import Cell


@dataclass(frozen=True, slots=True)
class Declared:
    """An entry of `hosts:` that the tables know, with the cells that have to run there."""

    index: int
    machine: Machine
    cells: tuple[Cell, ...]


def declared(context: Context) -> Iterator[Declared]:
    """The hosts, each with the cells of its architecture that it asks for; without those it cannot use."""
    for i, entry in enumerate(context.matrix.hosts):
        try:
            found = machine(entry)
        except LookupError:
            continue  # hosts-unreachable says so
        mine = [cell for cell in asked(context, entry) if cell.platform.architecture == found.arch]
        yield Declared(i, found, tuple(mine))


def asked(context: Context, entry: HostEntry) -> list[Cell]:
    """The cells that an entry is about, of whatever architecture."""
    match = entry.match.given() if entry.match else {}
    return [cell for cell in context.cells if cell.cuda and matches(match, cell.values())]


def hits(context: Context, *layers: Layer) -> Iterator[Hit]:
    """A hit for each host and each reason why a layer breaks there."""
    for host in declared(context):
        if host.machine.cc is None or host.machine.gone:
            continue

        def broken(cell: Cell, machine: Machine = host.machine) -> Breaks | None:
            verdict = runs(cell, machine)
            return verdict if isinstance(verdict, Breaks) and verdict.layer in layers else None

        for verdict, cells in group(host.cells, broken).items():
            cuda = ", ".join(dict.fromkeys(cell.cuda for cell in cells))
            yield Hit(
                f"CUDA {cuda} does not run on {host.machine.name}: {verdict.why}",
                f"{verdict.fix} Or narrow the host's `match`.",
                context.locate("hosts", host.index),
                cells,
                warn_if(not verdict.sure),
            )
