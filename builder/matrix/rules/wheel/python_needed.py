"""python-needed: an image without Python that cannot do without."""

from collections.abc import Iterator

from builder.facts import systems
from builder.matrix.expansion.buildable import lent_python
from builder.matrix.rules.rule import Context, Hit, Rule, group
from builder.model.cell import Cell, Env, Source
from builder.model.finding import Severity

_OR_PYTHON = "or leave `python` out for the system's own."


def _check(context: Context) -> Iterator[Hit]:
    for (why, fix), cells in group(context.cells, _need).items():
        yield Hit(why, f"{fix}, {_OR_PYTHON}", context.place(cells[0], "python"), cells)


def _need(cell: Cell) -> tuple[str, str] | None:
    """What needs a Python, and what to do without."""
    if cell.python:
        return None
    if cell.source is Source.NGC_PYTORCH:
        return "the source `ngc-pytorch` brings a Python", "Take another source"
    if cell.env is not Env.PIP:
        return f"`env: {cell.env}` brings a Python", "Leave `env` at `pip`"
    if cell.torch:
        return f"torch {cell.torch} is a package of Python's", "Leave `torch` out"
    system = systems.system(cell.os)  # unknown-value says when there is none
    try:
        if system:
            lent_python(system)
    except LookupError as error:
        return str(error), "Choose a system with apt"
    return None


RULE = Rule(
    "python-needed",
    Severity.ERROR,
    "`python: none` with torch, with an `env` or a source that brings a Python, or on a system whose package "
    "manager is written in it.",
    "The image would have a Python after all, or nothing that could use what is installed into it.",
    "Leave out what needs a Python, or leave `python` out for the system's own.",
    _check,
    firm=True,
)
