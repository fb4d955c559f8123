"""python-from-os: a Python that the operating system's own repositories do not have."""

from collections.abc import Iterator

from builder.facts import systems
from builder.facts.systems import System
from builder.facts.version import at_least, is_number
from builder.matrix.expansion.buildable import OLDEST_PYTHON
from builder.matrix.rules.rule import Context, Hit, Rule, group, warn_if
from builder.model.cell import Cell, Env
from builder.model.finding import Severity


def _check(context: Context) -> Iterator[Hit]:
    for (system, python), cells in group(context.cells, _missing).items():
        message, fix = _objection(system, python)
        where = context.place(cells[0], "python", "os")
        yield Hit(message, fix, where, cells, warn_if("python" in system.unverified))


def _missing(cell: Cell) -> tuple[System, str] | None:
    system = systems.system(cell.os)  # unknown-value says when there is none
    if system is None or not cell.uses_wheels or cell.env is Env.UV or cell.python in ("", *_offered(system)):
        return None
    return system, cell.python


def _offered(system: System) -> list[str]:
    known = (version for version in (system.python, *system.pythons) if version)
    return [version for version in known if at_least(version, OLDEST_PYTHON)]


def _objection(system: System, python: str) -> tuple[str, str]:
    offered = ", ".join(_offered(system))
    if system.has_python(python):
        what = f"Python {python} of {system.name} is older than {OLDEST_PYTHON}"
    elif offered:
        what = f"{system.name} has Python {offered}, not {python}"
    else:
        what = f"{system.name} has no known Python"
    other = is_number(python) and at_least(python, OLDEST_PYTHON)
    own = ", or have uv manage it with `env: uv`" if other else ""
    return what, f"Choose {offered or 'another system'}{own}."


RULE = Rule(
    "python-from-os",
    Severity.ERROR,
    "The operating system's own repositories do not have this Python, or it is older than 3.8.",
    "Unless told otherwise images take Python from the system, so that its updates arrive; there would be no "
    "package of it.",
    "Leave `python` out for the system's own, choose a system that has the version, or set `env: uv`.",
    _check,
)
