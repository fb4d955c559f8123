"""wheels-incomplete: the source `wheels` asked for a CUDA, a system or a Python that it cannot give."""

from collections.abc import Iterator

from packaging.version import InvalidVersion, Version

from builder.facts import systems
from builder.matrix.rules.rule import Context, Hit, Rule
from builder.matrix.wheels import wheel_set
from builder.model.cell import Cell, Source
from builder.model.finding import Severity

# NVIDIA's wheels have nvcc, and a `cuda-toolkit` that pins the parts, from this release on.
_FIRST = Version("13.0")
_PACKAGE_MANAGERS = ("apt",)


def _check(context: Context) -> Iterator[Hit]:
    for target in context.targets:
        for cell in target.cells:
            if hit := _object(cell):
                yield Hit(hit[0], hit[1], cell.where, (target.name,))


def _object(cell: Cell) -> tuple[str, str] | None:
    if cell.source not in (Source.WHEELS, Source.CPU):
        return None
    system = systems.system(cell.os)
    if system is None:
        return None  # unknown-value says so
    if cell.source is Source.WHEELS and _older(cell.cuda):
        return (
            f"CUDA {cell.cuda} cannot come from wheels: they are complete from {_FIRST} on",
            "Use the source `upstream` for it.",
        )
    if system.package_manager not in _PACKAGE_MANAGERS:
        return (
            f"{cell.os} uses {system.package_manager}; the source `{cell.source}` builds on apt systems",
            "Use the source `upstream`, or a Debian or Ubuntu.",
        )
    if cell.python != system.python:
        return (
            f"{cell.os} has Python {system.python}, not {cell.python}",
            "Leave `python` out, or choose a system that has it.",
        )
    try:
        wheel_set(cell)
    except LookupError as error:
        return str(error), "Choose a torch that has a wheel for this CUDA and platform."
    return None


def _older(cuda: str) -> bool:
    try:
        return Version(cuda) < _FIRST
    except InvalidVersion:
        return False  # cuda-never-released says so


RULE = Rule(
    "wheels-incomplete",
    Severity.ERROR,
    "The build would fail at its last step, or hold another version than its tag says.",
    _check,
)
