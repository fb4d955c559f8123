"""conda-file-invalid: an environment file that is none, or asks for what is not built here."""

from collections.abc import Iterator

from builder.matrix.rules.rule import Context, Hit, Rule
from builder.model.cell import Env
from builder.model.finding import Severity


def _check(context: Context) -> Iterator[Hit]:
    cells = [cell for cell in context.cells if cell.env is Env.CONDA]
    for problem in context.environment.problems:
        yield Hit(problem.message, problem.fix, problem.where, cells)


RULE = Rule(
    "conda-file-invalid",
    Severity.ERROR,
    "The environment file cannot be read, or holds what an environment here cannot have.",
    "What is left out in silence is missed in production.",
    "Correct the line that the finding names.",
    _check,
    firm=True,
)
