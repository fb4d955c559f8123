"""The replay's expressions against what GitHub's documentation says of them."""

from typing import Any

import pytest

from tests.automation.expressions import evaluate, fill

CONTEXTS = {
    "needs": {"plan": {"outputs": {"build": "x"}, "result": "success"}},
    "inputs": {"free-disk": True},
}


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("needs.plan.outputs.build != ''", True),
        ("needs.plan.outputs.nothing != ''", False),
        ("needs.nothing.outputs.build == ''", True),
        ("inputs.free-disk && 'yes' || 'no'", "yes"),
        ("!inputs.free-disk || false", False),
        ("'It''s' == 'IT''S'", True),
        ("null == 0", True),
        ("'' == 0", True),
        ("'1' == 1", True),
        ("'x' == 0", False),
        ("fromJSON('{\"include\": [1]}')", {"include": [1]}),
        ("(true || false) && !(null)", True),
        ("format('--sign {0}', 'key')", "--sign key"),
        ("cancelled()", "asked"),
    ],
)
def test_values(expression: str, value: Any) -> None:
    assert evaluate(expression, CONTEXTS, {"cancelled": lambda: "asked"}) == value


@pytest.mark.parametrize("expression", ["needs.plan.", "1 +", "unknown", "needs ** 2", "unknown()"])
def test_what_is_not_known_is_an_error(expression: str) -> None:
    with pytest.raises((AssertionError, KeyError, IndexError)):
        evaluate(expression, CONTEXTS, {})


def test_templates_keep_types_only_when_they_are_all_expression() -> None:
    assert fill("${{ inputs.free-disk }}", CONTEXTS, {}) is True
    assert fill("disk: ${{ inputs.free-disk }}, ${{ inputs.none }}.", CONTEXTS, {}) == "disk: true, ."
