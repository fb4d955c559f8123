"""Reads raw YAML, where doubt is a comment: `- {...}  # unverified: field`."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

Row = dict[str, Any]

REMARK = "remark"
_UNVERIFIED = re.compile(r"#\s*unverified\b:?\s*(.*)$")


class RawError(Exception):
    """The raw tables say something that this program does not know how to carry over."""


class _Loader(yaml.SafeLoader):
    lines: tuple[str, ...] = ()


def read(path: Path) -> Row:
    """The data of a raw table; a doubted row carries the comment under the key `remark`."""
    text = path.read_text(encoding="utf-8")
    loader = _Loader(text)
    loader.lines = tuple(text.splitlines())
    try:
        data = loader.get_single_data()
    except yaml.YAMLError as error:
        raise RawError(f"{path}: {error}") from error
    finally:
        loader.dispose()
    if not isinstance(data, dict):
        raise RawError(f"{path}: the top of a raw table is a mapping")
    return data


def _mapping(loader: _Loader, node: yaml.MappingNode) -> Row:
    row = {str(key): value for key, value in loader.construct_mapping(node, deep=True).items()}
    remarks = _on_row(loader, node) if node.flow_style else _on_values(loader, node)
    if remarks:
        row[REMARK] = "; ".join(remarks)
    return row


def _on_row(loader: _Loader, node: yaml.MappingNode) -> list[str]:
    starts_line = loader.lines[node.start_mark.line][: node.start_mark.column].strip() == "-"
    remark = _UNVERIFIED.search(loader.lines[node.end_mark.line])
    return [remark[1]] if starts_line and remark else []


def _on_values(loader: _Loader, node: yaml.MappingNode) -> list[str]:
    scalars = [key.value for key, value in node.value if isinstance(value, yaml.ScalarNode)]
    lines = [value.end_mark.line for _, value in node.value if isinstance(value, yaml.ScalarNode)]
    return [key for key, line in zip(scalars, lines, strict=True) if _UNVERIFIED.search(loader.lines[line])]


_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)


def doubted(row: Mapping[str, Any], known: Mapping[str, Iterable[str]]) -> list[str]:
    """The fields that a row's remark doubts, sorted.

    Raises:
        RawError: when `known` does not say what the remark means: a new doubt must not get lost.
    """
    remark = row.get(REMARK)
    if remark is None:
        return []
    if remark not in known:
        raise RawError(f"nobody has said which fields the remark {remark!r} doubts, on {dict(row)}")
    return sorted(known[remark])


def trim(row: Mapping[str, Any]) -> Row:
    """The row without what is empty or not said."""
    return {key: value for key, value in row.items() if value not in (None, "", [], {}, False)}
