import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import SCRIPTS

RAW = Path(__file__).with_name("raw")


def _run(raw: Path, tables: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(SCRIPTS / "update_facts"), str(raw), "--tables", str(tables), *options]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    return shutil.copytree(RAW, tmp_path / "raw")


@pytest.fixture
def tables(tmp_path: Path) -> Path:
    folder = tmp_path / "tables"
    folder.mkdir()
    return folder


def _rows(tables: Path, name: str, key: str) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = json.loads((tables / f"{name}.json").read_text(encoding="utf-8"))[key]
    return rows


def _replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_shows_a_difference_and_writes_nothing(raw: Path, tables: Path) -> None:
    ran = _run(raw, tables)
    assert ran.returncode == 1
    assert '+  {"name": "V100", "cc": "7.0"' in ran.stdout
    assert list(tables.iterdir()) == []


def test_writes_when_asked_and_has_nothing_to_do_after(raw: Path, tables: Path) -> None:
    assert _run(raw, tables, "--write").returncode == 0
    again = _run(raw, tables)
    assert (again.returncode, again.stdout) == (0, "")


def test_one_new_fact_is_one_line(raw: Path, tables: Path) -> None:
    _run(raw, tables, "--write")
    _replace(raw / "gpus.yaml", 'eol: "2028-08-04"', 'eol: "2028-06-30"')
    changed = [
        line for line in _run(raw, tables).stdout.splitlines() if line[:1] in "+-" and line[1:2] == " "
    ]
    assert changed == [
        '-  {"branch": 580, "kind": "LTS", "eol": "2028-08-04", "max_cuda": 13, "unverified": ["eol"]},',
        '+  {"branch": 580, "kind": "LTS", "eol": "2028-06-30", "max_cuda": 13, "unverified": ["eol"]},',
    ]


def test_a_remark_becomes_data(raw: Path, tables: Path) -> None:
    _run(raw, tables, "--write")
    doubts = {row["version"]: row.get("unverified") for row in _rows(tables, "cuda", "releases")}
    assert doubts == {"12.8.1": ["released"], "12.8.2": ["min_driver"], "13.0.2": None, "13.4.0": None}
    listings = {(row["cuda"], row["os"]): row for row in _rows(tables, "tags", "listings")}
    assert listings["13.0.2", "ubuntu24.04"]["unverified"] == ["arches", "cudnn"]
    assert listings["12.8.1", "ubuntu24.04"]["unverified"] == ["status"]
    assert listings["13.3.0", "ubuntu24.04"]["unverified_flavors"] == ["cudnn-devel"]
    assert "unverified_flavors" not in listings["13.3.0", "ubuntu26.04"]
    assert [row.get("unverified") for row in _rows(tables, "torch", "releases")] == [
        None,
        ["released", "variants"],
    ]


def test_a_doubted_capability_is_kept_apart(raw: Path, tables: Path) -> None:
    _run(raw, tables, "--write")
    newest = _rows(tables, "cuda", "minors")[-1]
    assert newest["unverified_sm"] == ["8.8"]
    assert "8.8" not in newest["sm"]  # type: ignore[operator]


def test_a_remark_that_nobody_explained_stops_it(raw: Path, tables: Path) -> None:
    _replace(raw / "os_bases.yaml", "# unverified: glibc, python, eol", "# unverified: the moon")
    ran = _run(raw, tables, "--write")
    assert ran.returncode == 2
    assert "the moon" in ran.stderr
    assert list(tables.iterdir()) == []


@pytest.mark.parametrize(
    ("file", "change", "complaint"),
    [
        ("gpus.yaml", ("gpu: V100", "gpu: V1000"), "no names for ['V1000']"),
        ("os_bases.yaml", ("os: debian12", "os: plan9"), "no image for ['plan9']"),
        ("nvidia_cuda_tags.yaml", ("13.4.1-devel-ubuntu26.04", "13.4-devel"), "is not <cuda>-<flavor>-<os>"),
        ("torch_wheels.yaml", ('last: "2.11.0"', 'last: "2.12.0"'), "companions disagree"),
        ("README.md", ("gathered on", "gathered near"), "gathered on YYYY-MM-DD"),
        ("gpus.yaml", ("gpus:", "gpus: ["), "gpus.yaml"),
        ("cloud_hosts.yaml", ("size: g6f.large, ", ""), "size"),
    ],
)
def test_raw_tables_it_cannot_carry_over(
    raw: Path, tables: Path, file: str, change: tuple[str, str], complaint: str
) -> None:
    _replace(raw / file, *change)
    ran = _run(raw, tables, "--write")
    assert ran.returncode == 2
    assert complaint in ran.stderr
    assert list(tables.iterdir()) == []


def test_a_missing_raw_table(raw: Path, tables: Path) -> None:
    (raw / "gpus.yaml").unlink()
    ran = _run(raw, tables, "--write")
    assert ran.returncode == 2
    assert "gpus.yaml" in ran.stderr
