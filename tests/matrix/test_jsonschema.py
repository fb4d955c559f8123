from collections.abc import Iterator
from typing import Any

import pytest

from builder.matrix.jsonschema import json_schema

SCHEMA = json_schema()


def _properties() -> Iterator[tuple[str, dict[str, Any]]]:
    for name, model in {"Matrix": SCHEMA, **SCHEMA["$defs"]}.items():
        for key, value in model["properties"].items():
            yield f"{name}.{key}", value


@pytest.mark.parametrize(
    ("name", "value"), list(_properties()), ids=lambda value: value if isinstance(value, str) else ""
)
def test_every_key_is_described(name: str, value: dict[str, Any]) -> None:
    target = SCHEMA["$defs"][value["$ref"].rpartition("/")[2]] if "$ref" in value else {}
    assert value.get("description") or target.get("description"), name


def test_every_mapping_is_closed() -> None:
    assert all(model["additionalProperties"] is False for model in (SCHEMA, *SCHEMA["$defs"].values()))


def test_no_key_may_be_null() -> None:
    assert '"null"' not in str(SCHEMA).replace("'", '"')


def test_the_rules_can_be_completed() -> None:
    assert "os-eol" in SCHEMA["$defs"]["Adjustment"]["properties"]["id"]["enum"]
