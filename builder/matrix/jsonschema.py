"""The JSON Schema of the matrix, with which editors complete and check it."""

from typing import Any

from builder.matrix.rules.catalog import RULES
from builder.matrix.schema import Matrix

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema() -> dict[str, Any]:
    """The schema as plain data: the model's, with the ids of the rules."""
    schema = _tidy(Matrix.model_json_schema(by_alias=True))
    schema["$defs"]["Adjustment"]["properties"]["id"]["enum"] = [rule.id for rule in RULES]
    return {"$schema": DIALECT, "title": "matrix.yaml of cuda-image-builder", **schema}


def _tidy(node: Any) -> Any:
    """Without what pydantic adds: titles made of names, null, which no key may be, and defaults of parts."""
    match node:
        case dict():
            kept = {key: _tidy(value) for key, value in node.items() if not _is_noise(key, value)}
            return _unwrapped(kept)
        case list():
            return [_tidy(item) for item in node if item != {"type": "null"}]
    return node


def _is_noise(key: str, value: Any) -> bool:
    if key == "default":
        return value is None or value == [] or isinstance(value, dict)
    return key == "title" and isinstance(value, str)


def _unwrapped(node: dict[str, Any]) -> dict[str, Any]:
    """A choice of one is that one."""
    choices = node.get("anyOf")
    if isinstance(choices, list) and len(choices) == 1 and isinstance(choices[0], dict):
        return {**choices[0], **{key: value for key, value in node.items() if key != "anyOf"}}
    return node
