"""From the text of a matrix to the model, or to every mistake in it with its place."""

from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import ValidationError

from builder.matrix.schema import Matrix
from builder.matrix.text import document
from builder.matrix.text.document import Document
from builder.matrix.text.mistakes import mistake
from builder.model.finding import Finding, Severity
from builder.model.location import Location

RULE = "schema"
MAX_FINDINGS = 100


@dataclass(frozen=True, slots=True)
class Loaded:
    """A matrix together with where each part of it stands."""

    matrix: Matrix
    document: Document


def load(content: bytes, file: str) -> Loaded | tuple[Finding, ...]:
    """Read a matrix.

    Returns:
        The matrix, or all the mistakes that keep it from being one, in the order of the text.
    """
    read = document.parse(content, file)
    if not isinstance(read.data, dict):
        return tuple(_problems(read)) or (_no_matrix(read),)
    matrix: Matrix | None = None
    mistakes: list[Finding] = []
    try:
        matrix = Matrix.model_validate(read.data)
    except ValidationError as error:
        details = error.errors(include_url=False)[:MAX_FINDINGS]
        mistakes = [_finding(*found) for detail in details if (found := mistake(read, detail))]
    findings = {(f.where, f.message): f for f in (*_problems(read), *_empty(read), *mistakes)}
    if matrix is None or findings:
        return tuple(sorted(findings.values(), key=_position)[:MAX_FINDINGS])
    return Loaded(matrix, read)


def _problems(read: Document) -> Iterator[Finding]:
    return (_finding(problem.message, problem.fix, problem.where) for problem in read.problems)


def _no_matrix(read: Document) -> Finding:
    what = "it is empty" if read.data is None else "it is not a mapping"
    return _finding(what, "Start with `release:`, `staging:`, `axes:` and `tags:`.", read.locate(()))


def _empty(read: Document) -> Iterator[Finding]:
    """Keys and list entries with nothing after them, which YAML reads as null and nobody means."""
    for path in read.empty:
        yield _finding(
            f"`{'.'.join(map(str, path))}` has no value", "Give it one, or remove it.", read.locate_key(path)
        )


def _finding(message: str, fix: str, where: Location) -> Finding:
    return Finding(RULE, Severity.ERROR, message, fix, where)


def _position(finding: Finding) -> tuple[int, int]:
    return (finding.where.line, finding.where.column) if finding.where else (0, 0)
