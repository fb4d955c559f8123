"""conda-file-contradicts: an environment file that asks for another CUDA, Python or torch than a cell."""

from collections.abc import Iterator

from builder.facts.version import is_number, minor, parts
from builder.matrix.conda.file import Dependency
from builder.matrix.conda.versions import admits
from builder.matrix.rules.rule import Context, Hit, Rule
from builder.model.cell import Cell, Env
from builder.model.finding import Severity

_SELECTOR = "pytorch-cuda"
# What has the toolkit's own version, by the age of packages: of conda-forge, of NVIDIA, and before CUDA 12.
_CUDA = ("cuda-version", "cuda-toolkit", "cuda", "cuda-runtime", "cudatoolkit", _SELECTOR)


def _check(context: Context) -> Iterator[Hit]:
    cells = [cell for cell in context.cells if cell.env is Env.CONDA]
    for asked in context.environment.dependencies:
        against: dict[str, list[Cell]] = {}
        for cell in cells:
            if theirs := _contradicted(asked, cell):
                against.setdefault(theirs, []).append(cell)
        for theirs, some in against.items():
            yield Hit(
                f"`{asked.text}` contradicts the cell, which has {theirs}",
                "Remove the line: the cell's own is asked for anyway. For another, change the matrix.",
                asked.where,
                some,
            )


def _contradicted(asked: Dependency, cell: Cell) -> str:
    """What the cell has instead; empty where both go together."""
    match asked.name:
        case "python" if not admits(asked.constraint, cell.python):
            return f"Python {cell.python}"
        case "pytorch" if cell.torch and not admits(asked.constraint, cell.torch):
            return f"torch {cell.torch}"
        case name if name in _CUDA and not cell.cuda:
            return "no CUDA"
        case name if name in _CUDA and is_number(cell.cuda):
            known = _minors(cell.cuda) if name == _SELECTOR else [minor(cell.cuda)]
            return "" if any(admits(asked.constraint, one) for one in known) else f"CUDA {cell.cuda}"
    return ""


def _minors(cuda: str) -> list[str]:
    """The minors of CUDA whose torch runs on this one: its own and older ones of its major."""
    major, newest = parts(cuda)[:2]
    return [f"{major}.{number}" for number in range(newest + 1)]


RULE = Rule(
    "conda-file-contradicts",
    Severity.ERROR,
    "The environment file asks for another CUDA, Python or torch than a cell that it is for.",
    "The solver would say that nothing satisfies both, in a page of text, or take the other one.",
    "Remove the line from the file, or change the matrix.",
    _check,
)
