"""What decides the key of an image whose Python uv manages, and what its recipe holds."""

from dataclasses import replace
from pathlib import Path

from builder.bake.definition import definition
from builder.bake.recipe import differences
from builder.matrix.lock import LockedPackage
from tests.bake.samples import all_builds, digest, loaded, locked, site

NAMES = {f"cpu-base-debian12-py3_13-uv-{arch}" for arch in ("amd64", "arm64")}
NAME = "cpu-base-debian12-py3_13-uv-amd64"
WHEELS = "cpu-base-debian12-py3_11-amd64"


def _changed() -> dict[str, tuple[LockedPackage, ...]]:
    ((name, (first, *others)),) = locked(loaded()).pythons.items()
    changed = replace(first, version="3.13.5+20251201", digest=digest("another"))
    return {name: (changed, *others)}


def test_the_archives_are_an_input_of_their_cells_only() -> None:
    before, after = all_builds(), all_builds(pythons=_changed())
    assert {name for name in before if before[name].key != after[name].key} == NAMES


def test_what_changed_is_said_by_archive() -> None:
    before, after = all_builds()[NAME].recipe, all_builds(pythons=_changed())[NAME].recipe
    said = differences(before.inputs(), after.inputs())
    assert "cpython-aarch64 3.13.4+20251101 → 3.13.5+20251201" in said


def test_where_archives_are_is_no_input_and_only_told_to_builds_that_need_them(tmp_path: Path) -> None:
    made = all_builds()
    here = replace(site(tmp_path), pythons=tmp_path / "pythons")
    told = definition(made.values(), tmp_path, here)["target"]
    assert told[NAME]["contexts"]["pythons"] == str(tmp_path / "pythons")
    assert "pythons" not in told[WHEELS]["contexts"]
    assert str(tmp_path) not in made[NAME].recipe.dockerfile


def test_the_systems_own_python_is_where_things_are_fetched_and_not_in_the_image() -> None:
    text = all_builds()[NAME].recipe.dockerfile
    assert "bash /builder/tools 3.11" in text
    assert "bash /builder/system apt amd64 3.11 \n" in text
    assert "install-wheels x86_64-manylinux_2_28 3.13 " in text


def test_a_cell_of_pip_has_no_trace_of_uvs_python() -> None:
    recipe = all_builds()[WHEELS].recipe
    assert "pythons" not in recipe.inputs()
    assert "/opt/python" not in recipe.dockerfile
