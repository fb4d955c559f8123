"""Pydantic's errors in the words of the matrix: what is wrong, what to do, and where it stands."""

import difflib
from datetime import date
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel

from builder.matrix.schema import Matrix
from builder.matrix.text.document import Document, short
from builder.matrix.text.document import Path as DataPath
from builder.model.location import Location

_LONGEST_WORD = 40
_LONGEST_MESSAGE = 300
# What pydantic's error types ask for, and how to write that.
_KINDS = {
    "string_type": ("text", "Put it in quotes."),
    "int_type": ("a whole number", "Write digits without quotes."),
    "date_type": ("a date", "Write it as 2027-03-01, without quotes."),
    "model_type": ("a mapping", "Write `key: value` under it."),
    "dict_type": ("a mapping", "Write `key: value` under it."),
    "tuple_type": ("a list", "Write `- …` under it, or `[…]`."),
}


def mistake(read: Document, detail: Any) -> tuple[str, str, Location] | None:
    """The message, the remedy and the place of one of pydantic's errors.

    None where the text has something better to say: nothing after a key, or a mistake inside a list that then
    seems too short.
    """
    path = data_path(read, detail["loc"])
    kind, value = detail["type"], detail["input"]
    if (value is None and path in read.empty) or (kind == "too_short" and value):
        return None
    if kind == "missing":
        return f"`{path[-1]}` is missing", f"Add `{path[-1]}:`.", read.locate(path[:-1])
    if kind == "extra_forbidden":
        known = known_keys(path[:-1])
        message = f"unknown key `{short(path[-1])}`{did_you_mean(str(path[-1]), known)}"
        return message, f"Known here: {', '.join(known)}.", read.locate_key(path)
    name = ".".join(str(part) for part in path) or "the matrix"
    is_key = detail["loc"][-1:] == ("[key]",)
    where = read.locate_key(path) if is_key else read.locate(path)
    return (*_about(name, kind, value, detail), where)


def _about(name: str, kind: str, value: Any, detail: Any) -> tuple[str, str]:
    """The message and the remedy for a value that is wrong."""
    match kind:
        case "too_short" | "string_too_short":
            return f"`{name}` is empty", "Give it a value, or leave it out."
        case "literal_error":
            known = [word.strip(" '") for word in detail["ctx"]["expected"].replace(" or ", ",").split(",")]
            message = f"`{name}` is {_kind(value)}{did_you_mean(str(value), known)}"
            return message, f"Known here: {', '.join(known)}."
        case "value_error":
            return str(detail["ctx"]["error"])[:_LONGEST_MESSAGE], f"Correct `{name}`."
        case "string_pattern_mismatch":
            return f"`{name}` cannot be `{short(value)}`", f"It must match {detail['ctx']['pattern']}."
        case _ if kind in _KINDS:
            wanted, fix = _KINDS[kind]
            return f"`{name}` is {_kind(value)}, not {wanted}", fix
    message = detail["msg"][0].lower() + detail["msg"][1:]
    return f"`{name}` is `{short(value)}`: {message}", "See the JSON Schema for what may stand here."


def data_path(read: Document, loc: tuple[int | str, ...]) -> DataPath:
    """Pydantic's location without the steps that the text does not have.

    A scalar where a list may stand has index 0 for pydantic, and the keys of dictionaries end in `[key]`.
    """
    path: DataPath = ()
    for part in loc:
        if part == "[key]" or (isinstance(part, int) and (*path, part) not in read.values):
            continue
        path = (*path, part)
    return path


def known_keys(path: DataPath) -> list[str]:
    """The keys that the model has at this path of the data; none where any may stand."""
    annotation: Any = Matrix
    for part in path:
        if not isinstance(part, int):
            annotation = _value_of(_container(annotation), part)
    model = _container(annotation)
    return list(_fields(model)) if isinstance(model, type) and issubclass(model, BaseModel) else []


def did_you_mean(word: str, known: list[str]) -> str:
    """A suggestion to append to a message, or nothing."""
    close = difflib.get_close_matches(word[:_LONGEST_WORD], known, n=1)
    return f" (did you mean `{close[0]}`?)" if close else ""


def _kind(value: object) -> str:
    if isinstance(value, str):
        return f"`{short(value)}`"
    words = {bool: "true or false", list: "a list", tuple: "a list", dict: "a mapping", date: "a date"}
    return words.get(type(value), "nothing" if value is None else "a number")


def _fields(model: type[BaseModel]) -> dict[str, Any]:
    return {field.alias or name: field.annotation for name, field in model.model_fields.items()}


def _container(annotation: Any) -> Any:
    """The model or the dictionary type in an annotation: inside tuples, unions and `Annotated`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    origin = get_origin(annotation)
    if origin is dict:
        return annotation
    if origin in (tuple, Annotated, Union, UnionType):
        found = (_container(argument) for argument in get_args(annotation))
        return next((container for container in found if container is not None), None)
    return None


def _value_of(container: Any, key: str) -> Any:
    if get_origin(container) is dict:
        return get_args(container)[1]
    return _fields(container).get(key) if container else None
