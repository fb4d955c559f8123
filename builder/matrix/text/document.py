"""YAML with positions: plain data, and for each value the place where it was written.

PyYAML's own constructor keeps neither positions nor duplicate keys, so this builds from its nodes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import yaml

from builder.model.location import Location

Path = tuple[str | int, ...]

MAX_DEPTH = 32
_TAGS = "tag:yaml.org,2002:"
_LONGEST = 60
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is read: bytes of text, and values once aliases are followed."""

    size: int = 1_000_000
    values: int = 50_000


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with the text itself."""

    message: str
    fix: str
    where: Location


@dataclass(frozen=True, slots=True)
class Document:
    """The data of a YAML text, and where it stands. `empty` are the values that the text leaves out."""

    file: str
    data: Any
    values: dict[Path, Location]
    keys: dict[Path, Location]
    empty: frozenset[Path] = frozenset()
    problems: tuple[Problem, ...] = ()

    def locate(self, path: Path) -> Location:
        """Where this value, or the nearest one around it, was written."""
        while path and path not in self.values:
            path = path[:-1]
        return self.values.get(path, Location(self.file, 1, 1))

    def locate_key(self, path: Path) -> Location:
        """Where the key of this value was written."""
        return self.keys.get(path) or self.locate(path)


_MATRIX = Limits()


def parse(content: bytes, file: str, limits: Limits = _MATRIX) -> Document:
    """Read one YAML document.

    All mistakes that leave the rest readable are collected in `problems`; one that does not is the only one.
    """
    try:
        text = _text(content, limits.size)
        _refuse_depth(text)
        node = yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = Location(file, mark.line + 1, mark.column + 1) if mark else Location(file, 1, 1)
        return _unreadable(file, f"not YAML: {error.problem or error.context}", where)
    except (ValueError, yaml.YAMLError) as error:
        return _unreadable(file, f"not readable: {str(error).splitlines()[0]}", Location(file, 1, 1))
    builder = _Builder(file, limits.values)
    try:
        data = builder.build(node, ()) if node is not None else None
    except _TooMuch as error:
        return _unreadable(file, str(error), Location(file, 1, 1))
    empty = frozenset(builder.empty)
    return Document(file, data, builder.values, builder.keys, empty, tuple(builder.problems))


def _text(content: bytes, limit: int) -> str:
    if len(content) > limit:
        raise ValueError(f"it has {len(content):,} bytes, and {limit:,} are allowed")
    if b"\0" in content:
        raise ValueError("it holds a NUL byte")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"byte {error.start} is not UTF-8") from error


def _refuse_depth(text: str) -> None:
    """Composing is recursive, in C too, where ten thousand brackets end the process."""
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            problem = f"it nests more than {MAX_DEPTH} deep"
            raise yaml.MarkedYAMLError(problem=problem, problem_mark=event.start_mark)  # type: ignore[arg-type]


def _unreadable(file: str, message: str, where: Location) -> Document:
    problem = Problem(
        message, "Write the file as UTF-8 YAML, one document, with spaces for indentation.", where
    )
    return Document(file, None, {}, {}, problems=(problem,))


class _TooMuch(Exception):  # noqa: N818  it is caught a few lines above, never seen outside
    pass


class _Builder:
    """Turns nodes into data once; aliases are followed, so cycles and bombs are bounded by a count."""

    def __init__(self, file: str, limit: int) -> None:
        self.file = file
        self.limit = limit
        self.values: dict[Path, Location] = {}
        self.keys: dict[Path, Location] = {}
        self.empty: list[Path] = []
        self.problems: list[Problem] = []
        self._open: set[int] = set()
        self._resolver = yaml.constructor.SafeConstructor()

    def build(self, node: yaml.Node, path: Path) -> Any:
        if len(self.values) >= self.limit:
            raise _TooMuch(f"more than {self.limit:,} values once its aliases are followed")
        if id(node) in self._open:
            raise _TooMuch("an alias contains itself")
        self.values[path] = self._location(node)
        self._open.add(id(node))
        try:
            match node:
                case yaml.MappingNode():
                    self._refuse_tag(node, "map")
                    return dict(self._entries(node, path))
                case yaml.SequenceNode():
                    self._refuse_tag(node, "seq")
                    return [self.build(item, (*path, i)) for i, item in enumerate(node.value)]
                case yaml.ScalarNode():
                    value = self._scalar(node)
                    if value is None:
                        self.empty.append(path)
                    return value
                case _:
                    raise TypeError(f"YAML has no other nodes: {node}")
        finally:
            self._open.discard(id(node))

    def _entries(self, node: yaml.MappingNode, path: Path) -> Iterator[tuple[str, Any]]:
        seen: dict[str, Location] = {}
        for key_node, value_node in node.value:
            where = self._location(key_node)
            if not isinstance(key_node, yaml.ScalarNode):
                self._report("a key must be a word, not a list or a mapping", "Write `key: value`.", where)
                continue
            key = key_node.value
            if key in seen:
                self._report(
                    f"the key `{short(key)}` stands here twice, first at line {seen[key].line}",
                    "Keep one of them; YAML itself would silently take the last.",
                    where,
                )
                continue
            seen[key] = where
            self.keys[*path, key] = where
            yield key, self.build(value_node, (*path, key))

    def _scalar(self, node: yaml.ScalarNode) -> Any:
        kind = node.tag.removeprefix(_TAGS)
        match kind:
            case "str":
                return node.value
            case "float":
                self._report(
                    f"{short(node.value)} without quotes is a number: YAML reads {_number(node.value)}",
                    f'Write "{short(node.value)}" in quotes; versions are text.',
                    self._location(node),
                )
                return node.value
            case "int" | "bool" | "null" | "timestamp":
                return self._plain(node)
        self._refuse_tag(node, "str")
        return node.value

    def _plain(self, node: yaml.ScalarNode) -> Any:
        try:
            value = self._resolver.construct_object(node)
        except (ValueError, KeyError, AttributeError):  # whichever way PyYAML notices
            self._report(f"`{short(node.value)}` is no value", "Put it in quotes.", self._location(node))
            return node.value
        return value.date() if isinstance(value, datetime) else value

    def _refuse_tag(self, node: yaml.Node, expected: str) -> None:
        if node.tag != f"{_TAGS}{expected}":
            message = f"the tag {short(node.tag)} is not known here"
            self._report(message, "Leave it out.", self._location(node))

    def _report(self, message: str, fix: str, where: Location) -> None:
        self.problems.append(Problem(message, fix, where))

    def _location(self, node: yaml.Node) -> Location:
        return Location(self.file, node.start_mark.line + 1, node.start_mark.column + 1)


def short(value: object) -> str:
    """A value of the text in at most 60 characters, on one line."""
    text = " ".join(str(value).split())
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _number(text: str) -> str:
    try:
        return repr(float(text.replace("_", "")))
    except ValueError:
        return "a float"
