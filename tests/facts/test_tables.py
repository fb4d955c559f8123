import json
import re
from collections.abc import Iterator
from dataclasses import fields
from datetime import date
from typing import Any

import pytest
from raw_facts import layout

from builder.facts import cuda, drivers, gpus, hosts, keys, systems, table, tags, torch

VALUES = (
    ("cuda", "releases", cuda.CudaRelease),
    ("drivers", "branches", drivers.DriverBranch),
    ("gpus", "gpus", gpus.Gpu),
    ("hosts", "hosts", hosts.Host),
    ("keys", "keys", keys.RepositoryKey),
    ("keys", "repositories", keys.PackageRepository),
    ("systems", "systems", systems.System),
    ("tags", "listings", tags.Listing),
    ("torch", "releases", torch.TorchRelease),
    ("torch", "wheels", torch.Wheel),
)
# Columns that are not fields of their own: one by architecture, or a doubt about the whole release.
BY_ARCH = {"python", "python_arm64", "archs_arm64", "arches"}
DOUBTS = {"variants", "archs_arm64"}


def _text(name: str) -> str:
    return (table.FOLDER / f"{name}.json").read_text(encoding="utf-8")


def _rows() -> Iterator[tuple[str, str, dict[str, Any], set[str]]]:
    for name, key, value in VALUES:
        for row in table.table(name).data[key]:
            yield name, key, row, {field.name for field in fields(value)}


def test_every_table_has_a_file_and_every_file_a_name() -> None:
    assert {path.stem for path in table.FOLDER.iterdir()} == set(table.NAMES)


@pytest.mark.parametrize("name", table.NAMES)
def test_round_trip(name: str) -> None:
    assert layout.dump(json.loads(_text(name))) == _text(name)


@pytest.mark.parametrize("name", table.NAMES)
def test_says_where_and_when_its_facts_are_from(name: str) -> None:
    read = table.table(name)
    assert read.about
    assert all(len(source) > 20 for source in read.sources)
    assert read.sources
    assert isinstance(read.date, date)
    assert read.date <= date.today()


def test_every_listing_names_a_source_that_the_table_explains() -> None:
    explained = " ".join(table.table("tags").sources)
    for row in table.table("tags").data["listings"]:
        assert row["src"] in explained


def test_columns_are_fields() -> None:
    for name, key, row, names in _rows():
        assert set(row) <= names | BY_ARCH, f"{name}.{key}: {row}"


def test_doubts_name_fields() -> None:
    for name, key, row, names in _rows():
        assert set(row.get("unverified", ())) <= names | DOUBTS, f"{name}.{key}: {row}"


@pytest.mark.parametrize(
    ("name", "key", "identity"),
    [
        ("cuda", "releases", ("version",)),
        ("drivers", "branches", ("branch",)),
        ("gpus", "gpus", ("name",)),
        ("hosts", "hosts", ("cloud", "size", "accelerator")),
        ("keys", "keys", ("id",)),
        ("keys", "repositories", ("os",)),
        ("systems", "systems", ("name",)),
        ("tags", "listings", ("cuda", "os")),
        ("torch", "releases", ("version",)),
        ("torch", "wheels", ("torch", "variant")),
    ],
)
def test_no_row_stands_twice(name: str, key: str, identity: tuple[str, ...]) -> None:
    rows = [tuple(row.get(column) for column in identity) for row in table.table(name).data[key]]
    assert len(rows) == len(set(rows))


def test_one_row_a_line() -> None:
    for name, key, _ in VALUES:
        listed = len(table.table(name).data[key])
        block = _text(name).split(f'\n"{key}": [\n')[1]
        assert len(re.match(r"(?:  \{.*\n)+", block)[0].splitlines()) == listed  # type: ignore[index]


def test_tables_are_read_when_asked_for() -> None:
    table.table.cache_clear()
    systems.systems.cache_clear()
    systems.systems()
    assert table.table.cache_info().currsize == 1


def test_close_ignores_case() -> None:
    assert table.close("UBUNTU2404", ["ubuntu24.04", "rockylinux9"]) == ("ubuntu24.04",)
    assert table.close("plan9", ["ubuntu24.04", "rockylinux9"]) == ()
