"""What uv is asked, with wheels of the test's own making in place of an index."""

import zipfile
from pathlib import Path

import pytest

from builder.engine.resolver import resolve
from builder.matrix.expansion.wheels import WheelSet
from builder.model.platform import Platform

ASKED = WheelSet(Platform("linux", "amd64"), "3.11", ("made-up==1.0",))


@pytest.fixture(autouse=True)
def _offline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UV_OFFLINE", "1")


def wheel(folder: Path, version: str) -> None:
    """An empty package that pip and uv can install."""
    info = f"made_up-{version}.dist-info"
    with zipfile.ZipFile(folder / f"made_up-{version}-py3-none-any.whl", "w") as file:
        file.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: made-up\nVersion: {version}\n")
        file.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        file.writestr(f"{info}/RECORD", "")


def test_a_folder_does_not_answer_with_another_variant(tmp_path: Path) -> None:
    for version in ("1.0", "1.0+cpu", "1.1+cpu"):
        wheel(tmp_path, version)
    (tmp_path / "no-wheel.whl").touch()
    (found,) = resolve(ASKED, (str(tmp_path),))
    assert found.version == "1.0"


def test_a_variant_is_taken_where_it_is_asked_for(tmp_path: Path) -> None:
    for version in ("1.0", "1.0+cpu"):
        wheel(tmp_path, version)
    asked = WheelSet(ASKED.platform, "3.11", ("made-up==1.0+cpu",), "cpu")
    (found,) = resolve(asked, (str(tmp_path),))
    assert found.requirement.startswith("made-up===1.0+cpu --hash=sha256:")
