"""Which images run on which machine, worked out for every known GPU, driver branch and cloud size.

The page only looks answers up, so that there is one place that knows: `builder.matrix.machines.runs`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from builder.facts import drivers, gpus, hosts
from builder.facts.hosts import HostStatus
from builder.matrix.machines.machine import Machine, of_gpu, of_size
from builder.matrix.machines.runs import Breaks, Runs, runs
from builder.model.cell import Cell, Source
from builder.report.family.values import Family

_NEWEST = ""


@dataclass
class _Table:
    """Values by number, each once."""

    values: list[Any] = field(default_factory=list)
    numbers: dict[Any, int] = field(default_factory=dict)

    def number(self, value: Any) -> int:
        if value not in self.numbers:
            self.numbers[value] = len(self.values)
            self.values.append(value)
        return self.numbers[value]


def fits(family: Family) -> dict[str, Any]:
    """What the page looks up.

    `images` gives the numbers of a target's kinds, by architecture; `sizes` the machine of a cloud's size,
    `gpus` those of a GPU by driver branch, `""` being a driver of one's choice; `verdicts` the number of an
    answer for a machine and a kind; `answers` are `["", notes]` for an image that runs, else
    `[layer, why, fix]`.
    """
    kinds, machines, answers = _Table(), _Table(), _Table()
    cells: dict[int, Cell] = {}
    images: dict[str, dict[str, int]] = {}
    for member in family.members:
        for cell in member.cells:
            kind = kinds.number(_kind(cell))
            cells.setdefault(kind, cell)
            images.setdefault(member.name, {})[cell.platform.architecture] = kind
    known: dict[int, Machine] = {}

    def machine(found: Machine) -> int:
        number = machines.number((found.arch, found.cc, found.driver, found.known, found.grid))
        known.setdefault(number, found)
        return number

    sizes = {host.id: machine(of_size(host.id)) for host in hosts.hosts() if _offered(host)}
    by_gpu = {
        gpu.name if len(gpu.arches) == 1 else f"{gpu.name} ({arch})": {
            branch: machine(found) for branch, found in _drivers(gpu.name, arch)
        }
        for gpu in gpus.gpus()
        for arch in gpu.arches
    }
    verdicts = [
        [answers.number(_answer(cells[kind], known[number])) for kind in range(len(kinds.values))]
        for number in range(len(machines.values))
    ]
    return {
        "images": images,
        "sizes": sizes,
        "gpus": by_gpu,
        "architectures": [known[number].arch for number in range(len(machines.values))],
        "verdicts": verdicts,
        "answers": [list(answer) for answer in answers.values],
    }


def _kind(cell: Cell) -> tuple[str, ...]:
    """What decides whether a cell runs somewhere."""
    source = cell.source if cell.source in (Source.UPSTREAM, Source.NGC_PYTORCH) else ""
    return cell.cuda, cell.torch, cell.platform.architecture, str(source), str(cell.env)


def _offered(host: hosts.Host) -> bool:
    """Sizes that one can have and that have a name, not a pattern."""
    return host.status is not HostStatus.RETIRED and "*" not in host.id


def _drivers(gpu: str, arch: str) -> Iterable[tuple[str, Machine]]:
    """The machines with this GPU, by driver branch: of each branch, its newest driver."""
    yield _NEWEST, of_gpu(gpu, arch=arch)
    for branch in reversed(drivers.branches()):
        yield str(branch.branch), of_gpu(gpu, driver=f"{branch.branch}.999", arch=arch)


def _answer(cell: Cell, machine: Machine) -> tuple[str, ...]:
    match runs(cell, machine):
        case Runs(notes=notes):
            return "", "; ".join(notes).replace(f"driver {machine.driver}", _said(machine))
        case Breaks(layer, why, fix):
            return str(layer), _plain(why, machine), _plain(fix, machine)


def _plain(text: str, machine: Machine) -> str:
    """The text with the driver as the page's user chose it: by branch."""
    said = _said(machine)
    return text.replace(f"driver {machine.driver}", said).replace(str(machine.driver), said)


def _said(machine: Machine) -> str:
    branch, _, rest = (machine.driver or "").partition(".")
    return f"branch {branch}" if rest == "999" else f"driver {machine.driver}"


def branches() -> Mapping[str, str]:
    """The driver branches that one can choose, newest first, with what they are called."""
    return {
        str(branch.branch): f"{branch.branch}{_kept(branch.kind)}" for branch in reversed(drivers.branches())
    }


def _kept(kind: str | None) -> str:
    return {"LTS": " (long-term)", "new_feature": " (new features)"}.get(kind or "", "")
