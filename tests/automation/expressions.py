"""GitHub's expressions, as far as the workflows here use them; what is not known is an error, not a guess."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

Functions = Mapping[str, Callable[..., Any]]

_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<number>\d+)|(?P<name>[A-Za-z_][\w-]*)|(?P<operator>&&|\|\||==|!=|[!().,\[\]]))"
)
_EMBEDDED = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
_FUNCTIONS: Functions = {"fromJSON": json.loads, "format": str.format}
_CONSTANTS = {"true": True, "false": False, "null": None}


def evaluate(expression: str, contexts: Mapping[str, Any], functions: Functions) -> Any:
    """The value of an expression without its `${{ }}`."""
    parser = _Parser(_tokens(expression), contexts, {**_FUNCTIONS, **functions})
    value = parser.either()
    assert parser.done, f"not understood: {expression!r}"
    return value


def fill(template: Any, contexts: Mapping[str, Any], functions: Functions) -> Any:
    """A value of a workflow with its expressions evaluated; one that is all expression keeps its type."""
    if not isinstance(template, str):
        return template
    if whole := _EMBEDDED.fullmatch(template.strip()):
        return evaluate(whole[1], contexts, functions)
    return _EMBEDDED.sub(lambda found: shown(evaluate(found[1], contexts, functions)), template)


def shown(value: Any) -> str:
    """A value as text."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case _:
            return str(value)


def calls(expression: str, functions: Sequence[str]) -> bool:
    """Whether an expression calls one of these functions."""
    return any(f"{name}(" in expression for name in functions)


def _tokens(expression: str) -> list[tuple[str, str]]:
    tokens, position = [], 0
    while expression[position:].strip():
        found = _TOKEN.match(expression, position)
        assert found, f"not understood: {expression[position:]!r}"
        tokens.append((str(found.lastgroup), found[str(found.lastgroup)]))
        position = found.end()
    return tokens


class _Parser:
    """Recursive descent; every operator yields what GitHub's yields, the operand and not just its truth."""

    def __init__(
        self, tokens: list[tuple[str, str]], contexts: Mapping[str, Any], functions: Functions
    ) -> None:
        self._tokens = tokens
        self._contexts = contexts
        self._functions = functions

    @property
    def done(self) -> bool:
        return not self._tokens

    def either(self) -> Any:
        value = self._both()
        while self._taken("||"):
            other = self._both()
            value = value or other
        return value

    def _both(self) -> Any:
        value = self._compared()
        while self._taken("&&"):
            other = self._compared()
            value = value and other
        return value

    def _compared(self) -> Any:
        value = self._negated()
        while True:
            if self._taken("=="):
                value = _equal(value, self._negated())
            elif self._taken("!="):
                value = not _equal(value, self._negated())
            else:
                return value

    def _negated(self) -> Any:
        return not self._negated() if self._taken("!") else self._primary()

    def _primary(self) -> Any:
        if self._taken("("):
            value = self.either()
            assert self._taken(")")
            return value
        kind, text = self._tokens.pop(0)
        match kind:
            case "text":
                return text[1:-1].replace("''", "'")
            case "number":
                return int(text)
            case "name" if text in _CONSTANTS:
                return _CONSTANTS[text]
            case "name" if self._taken("("):
                return self._functions[text](*self._arguments())
            case "name":
                return self._path(self._contexts[text])
        raise AssertionError(f"not understood: {text!r}")

    def _arguments(self) -> list[Any]:
        values: list[Any] = []
        while not self._taken(")"):
            values.append(self.either())
            self._taken(",")
        return values

    def _path(self, value: Any) -> Any:
        while self._taken("."):
            name = self._tokens.pop(0)[1]
            value = value.get(name) if isinstance(value, Mapping) else None
        return value

    def _taken(self, operator: str) -> bool:
        if self._tokens and self._tokens[0] == ("operator", operator):
            self._tokens.pop(0)
            return True
        return False


def _equal(one: Any, other: Any) -> bool:
    if isinstance(one, str) and isinstance(other, str):
        return one.casefold() == other.casefold()
    if type(one) is type(other):
        return bool(one == other)
    return _number(one) == _number(other)


def _number(value: Any) -> float:
    if value in (None, "", False):
        return 0.0
    try:
        return float(value)
    except (TypeError, ValueError):
        return float("nan")
