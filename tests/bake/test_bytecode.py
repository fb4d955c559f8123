"""Compiled templates are kept like compiled modules, and change nothing but the time that rendering takes."""

import sys
from pathlib import Path

import pytest
from jinja2 import DictLoader, Environment

from builder.bake.bytecode import beside

TEMPLATES = {"first": "FROM {{ base }} ", "second": "{% include 'first' %}RUN true"}


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where Python keeps what it compiles."""
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setattr(sys, "pycache_prefix", str(tmp_path / "kept"))
    return tmp_path / "kept"


def render(folder: Path, **changed: str) -> str:
    environment = Environment(loader=DictLoader(TEMPLATES | changed), bytecode_cache=beside(folder))  # noqa: S701
    return environment.get_template("second").render(base="debian")


def files(kept: Path) -> dict[Path, tuple[int, bytes]]:
    return {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in kept.rglob("*") if path.is_file()}


def test_a_template_is_compiled_once(tmp_path: Path, kept: Path) -> None:
    assert render(tmp_path) == "FROM debian RUN true"
    first = files(kept)
    assert len(first) == len(TEMPLATES)
    assert render(tmp_path) == "FROM debian RUN true"
    assert files(kept) == first


def test_a_template_that_changed_is_compiled_anew(tmp_path: Path, kept: Path) -> None:
    render(tmp_path)
    first = files(kept)
    assert render(tmp_path, first="FROM other ") == "FROM other RUN true"
    assert files(kept) != first


@pytest.mark.parametrize("damage", [b"", b"nonsense", None], ids=["empty", "nonsense", "half"])
def test_what_is_damaged_is_compiled_anew(tmp_path: Path, kept: Path, damage: bytes | None) -> None:
    render(tmp_path)
    first = files(kept)
    for path, (_, content) in first.items():
        path.write_bytes(content[: len(content) // 2] if damage is None else damage)
    assert render(tmp_path) == "FROM debian RUN true"
    assert [content for _, content in files(kept).values()] == [content for _, content in first.values()]


def test_a_place_that_cannot_be_written_is_no_failure(tmp_path: Path, kept: Path) -> None:
    kept.write_text("no folder")
    assert render(tmp_path) == "FROM debian RUN true"


def test_nothing_is_kept_where_python_keeps_nothing(
    tmp_path: Path, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert render(tmp_path) == "FROM debian RUN true"
    assert not kept.exists()
