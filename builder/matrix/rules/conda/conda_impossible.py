"""conda-impossible: a cell that asks for an environment of conda's and cannot have one."""

from collections.abc import Iterator

from builder.facts import systems
from builder.matrix.conda.environment import environment
from builder.matrix.expansion.buildable import tools_python
from builder.matrix.rules.rule import Context, Hit, Rule, group
from builder.model.cell import Cell, Env, Source
from builder.model.finding import Severity

_SOURCES = {
    Source.WHEELS: "the source `wheels` puts CUDA into a virtual environment of the system's Python",
    Source.NGC_PYTORCH: "the source `ngc-pytorch` brings a Python and a torch of its own",
}
_FIX_SOURCE = "Take the source `upstream`, or `cuda: cpu`; or leave `env` at `pip`."
_FIX_PLACE = "Exclude the cell, or leave `env` at `pip`."


def _check(context: Context) -> Iterator[Hit]:
    for why, cells in group(context.cells, _hindrance).items():
        fix = _FIX_SOURCE if cells[0].source in _SOURCES else _FIX_PLACE
        yield Hit(why, fix, context.place(cells[0], "env"), cells)


def _hindrance(cell: Cell) -> str | None:
    if cell.env is not Env.CONDA or not cell.python:  # python-needed says so
        return None
    if why := _SOURCES.get(cell.source):
        return why
    system = systems.system(cell.os)
    if system and tools_python(system, cell.env) is None:
        return f"{cell.os} has no Python that can unpack conda's packages"
    try:
        environment(cell)
    except LookupError as error:
        return str(error)
    return None


RULE = Rule(
    "conda-impossible",
    Severity.ERROR,
    "An environment of conda's where there can be none: with a source that brings a Python, on a platform "
    "without packages, or on a system too old.",
    "Two Pythons with a CUDA each would lie side by side, and which one runs would depend on PATH.",
    "Take another source or system for these cells, or leave `env` at `pip`.",
    _check,
    firm=True,
)
