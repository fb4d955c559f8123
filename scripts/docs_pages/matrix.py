"""The reference of matrix.yaml, from the JSON Schema that editors use."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from builder.matrix.jsonschema import json_schema
from builder.report import markdown as md

_INTRODUCTION = """\
# matrix.yaml

Every key that a matrix may have. Unknown keys, keys that stand twice, and versions that YAML would read as
numbers (`12.10`) are errors with file, line and column. The first line of a matrix lets an editor complete
and check it; `python -m builder schema` prints the schema:

```yaml
# yaml-language-server: $schema=builder/matrix/schema.json
release: ghcr.io/acme/cuda
staging: ghcr.io/acme/cuda-staging
axes:
  cuda: "13.0.3"
  os: ubuntu24.04
tags:
  release: "{cuda}-{flavor}-{os}-{epoch:%Y%m%d}"
```

The cells are the product of the axes, less what `exclude` matches, with the values that `override` sets, plus
those of `include`.
"""
_REF = "#/$defs/"
_MOST_WORDS = 10
Schema = Mapping[str, Any]


def page() -> str:
    """The page: a table of the matrix's own keys, and a section for each part with keys of its own."""
    schema = json_schema()
    parts = dict(_parts(schema))
    blocks = [_INTRODUCTION, _table(schema, schema, parts)]
    for name, path in parts.items():
        part = schema["$defs"][name]
        described = part.get("description", "")
        blocks += [f"## {path}\n\n{described}".rstrip(), _table(part, schema, parts)]
    return "\n\n".join(block.rstrip() for block in blocks) + "\n"


def _parts(schema: Schema) -> Iterator[tuple[str, str]]:
    """The parts by the names of their definitions, each with the first path that leads to it."""
    known: dict[str, str] = {}
    waiting = [(schema, "")]
    while waiting:
        part, path = waiting.pop(0)
        for key, value in part.get("properties", {}).items():
            for name in _named(value):
                if name not in known:
                    known[name] = f"{path}.{key}".lstrip(".")
                    waiting.append((schema["$defs"][name], known[name]))
    yield from known.items()


def _table(part: Schema, schema: Schema, parts: Mapping[str, str]) -> str:
    required = part.get("required", ())
    rows = [
        (
            md.code(key) + (" (required)" if key in required else ""),
            _kind(value, schema, parts),
            md.cell(_told(value, schema)),
        )
        for key, value in part["properties"].items()
    ]
    return md.table(("key", "value", "what it says"), rows)


def _told(value: Schema, schema: Schema) -> str:
    own = value.get("description") or next(
        (schema["$defs"][name].get("description", "") for name in _named(value)), ""
    )
    default = value.get("default")
    return own if default is None else f"{own} Default: `{_shown(default)}`."


def _kind(value: Schema, schema: Schema, parts: Mapping[str, str]) -> str:
    """What kind of value a key takes, with links to the parts that have keys of their own."""

    def kind(inner: Schema) -> str:
        return _kind(inner, schema, parts)

    match value:
        case {"$ref": str(ref)}:
            path = parts[ref.removeprefix(_REF)]
            told = f"[{path}](#{_anchor(path)})"
        case {"anyOf": [item, {"type": "array", "items": items}]} if item == items:
            told = f"one or several: {kind(items)}"
        case {"anyOf": list(choices)}:
            told = " or ".join(dict.fromkeys(map(kind, choices)))
        case {"type": "array", "items": items}:
            told = f"list of {kind(items)}"
        case {"type": "object", "additionalProperties": dict(inner)}:
            told = f"for each key: {kind(inner)}"
        case _:
            told = _plain(value)
    return told


def _plain(value: Schema) -> str:
    match value:
        case {"enum": list(words)}:
            few = len(words) <= _MOST_WORDS
            return ", ".join(md.code(str(word)) for word in words) if few else "one of many words"
        case {"examples": [str(example), *_]}:
            return f"text such as {md.code(example)}"
        case {"format": "date"}:
            return "date"
        case {"type": str(kind)}:
            return "text" if kind == "string" else kind
    raise ValueError(f"no words for {json.dumps(dict(value))}")


def _named(value: Schema) -> Iterator[str]:
    """The definitions that a value refers to."""
    match value:
        case {"$ref": str(ref)}:
            yield ref.removeprefix(_REF)
        case dict():
            for inner in (*value.get("anyOf", ()), value.get("items"), value.get("additionalProperties")):
                if isinstance(inner, dict):
                    yield from _named(inner)


def _shown(default: Any) -> str:
    return ", ".join(default) if isinstance(default, list) else str(default)


def _anchor(path: str) -> str:
    """The id that the site and GitHub give a heading with this text."""
    return path.replace(".", "").lower()
