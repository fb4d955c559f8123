"""From the text of a matrix to the model, or to every mistake in it with its place."""

import difflib
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError

from builder.matrix import document
from builder.matrix.document import Document
from builder.matrix.document import Path as DataPath
from builder.matrix.schema import Matrix
from builder.model.finding import Finding, Severity


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
    findings = [_finding(problem.message, problem.fix, problem.where) for problem in read.problems]
    if read.problems and read.data is None:
        return tuple(findings)
    if not isinstance(read.data, dict):
        what = "it is empty" if read.data is None else "it is not a mapping"
        return (_finding(what, "Start with `release:`, `staging:`, `axes:` and `tags:`.", read.locate(())),)
    try:
        matrix = Matrix.model_validate(read.data)
    except ValidationError as error:
        findings += [_mistake(read, detail) for detail in error.errors(include_url=False)]
    if findings:
        unique = {(finding.where, finding.message): finding for finding in findings}
        return tuple(sorted(unique.values(), key=_position))
    return Loaded(matrix, read)


def _position(finding: Finding) -> tuple[int, int]:
    return (finding.where.line, finding.where.column) if finding.where else (0, 0)


def _finding(message: str, fix: str, where: Any) -> Finding:
    return Finding("schema", Severity.ERROR, message, fix, where)


def _mistake(read: Document, detail: Any) -> Finding:
    path = _data_path(read, detail["loc"])
    name = ".".join(str(part) for part in path) or "the matrix"
    match detail["type"]:
        case "extra_forbidden":
            known = _known_keys(path[:-1])
            fix = f"Known here: {', '.join(known)}."
            return _finding(
                f"unknown key `{path[-1]}`{did_you_mean(str(path[-1]), known)}", fix, read.locate_key(path)
            )
        case "missing":
            return _finding(f"`{path[-1]}` is missing", f"Add `{path[-1]}:`.", read.locate(path[:-1]))
        case "string_type":
            return _finding(
                f"`{name}` is {detail['input']!r}, not text", "Put it in quotes.", read.locate(path)
            )
        case "literal_error":
            known = [word.strip(" '") for word in detail["ctx"]["expected"].replace(" or ", ",").split(",")]
            value = str(detail["input"])
            return _finding(
                f"`{name}` is `{value}`{did_you_mean(value, known)}",
                f"Known here: {', '.join(known)}.",
                read.locate(path),
            )
        case "value_error":
            return _finding(str(detail["ctx"]["error"]), f"Correct `{name}`.", read.locate(path))
    message = detail["msg"][0].lower() + detail["msg"][1:]
    return _finding(f"`{name}`: {message}", "See the JSON Schema for what may stand here.", read.locate(path))


def did_you_mean(word: str, known: list[str]) -> str:
    """A suggestion to append to a message, or nothing."""
    close = difflib.get_close_matches(word, known, n=1)
    return f" (did you mean `{close[0]}`?)" if close else ""


def _data_path(read: Document, loc: tuple[int | str, ...]) -> DataPath:
    """Pydantic's location without the steps that the text does not have.

    A scalar where a list may stand has index 0 for pydantic, and dictionaries end in `[key]`.
    """
    path: DataPath = ()
    for part in loc:
        if part == "[key]" or (isinstance(part, int) and (*path, part) not in read.values):
            continue
        path = (*path, part)
    return path


def _known_keys(path: DataPath) -> list[str]:
    model: Any = Matrix
    for part in path:
        if isinstance(part, int):
            continue
        fields = {field.alias or name: field for name, field in model.model_fields.items()}
        model = _model_in(fields[str(part)].annotation)
    return [field.alias or name for name, field in model.model_fields.items()]


def _model_in(annotation: Any) -> Any:
    """The model inside `Model`, `tuple[Model, ...]` or an annotation of either."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return (
        next(found for arg in annotation.__args__ if (found := _model_in(arg)) is not None)
        if hasattr(annotation, "__args__")
        else None
    )
