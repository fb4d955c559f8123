"""What decides the key of an image with an environment of conda's, and what its recipe holds."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from builder.bake.definition import definition
from builder.bake.recipe import differences
from builder.matrix.conda.environment import environment
from builder.matrix.conda.file import parse
from builder.matrix.expansion.expand import expand
from builder.matrix.lock import LockedPackage
from builder.model.digest import Digest
from builder.pipeline.inputs.builds import builds
from tests.bake.samples import all_builds, digest, loaded, locked, site

NAME, OTHER = (f"cpu-base-debian12-py3_12-conda-{arch}" for arch in ("amd64", "arm64"))
WHEELS = "cpu-base-debian12-py3_11-amd64"


def _keys(**changes: Any) -> dict[str, Digest]:
    return {name: build.key for name, build in all_builds(**changes).items()}


def _changed(index: int, **changes: Any) -> dict[str, tuple[LockedPackage, ...]]:
    """The locked packages with another first one on a platform: 0 is amd64, 1 arm64."""
    known = dict(sorted(locked(loaded()).conda.items()))
    name = list(known)[index]
    first, *others = known[name]
    return {**known, name: (replace(first, **changes), *others)}


def test_the_lock_is_an_input_of_its_own_platform_and_of_nothing_else() -> None:
    before, after = _keys(), _keys(conda=_changed(0, digest=digest("another")))
    assert {name for name in before if before[name] != after[name]} == {NAME}


def test_another_file_of_the_same_version_is_another_image() -> None:
    path = "conda-forge/linux-aarch64/pip-1.0-1.conda"
    before, after = _keys(), _keys(conda=_changed(1, path=path))
    assert {name for name in before if before[name] != after[name]} == {OTHER}


def test_the_environment_file_is_an_input_of_its_cells_only() -> None:
    read = loaded()
    lock, family = locked(read), expand(read, parse(b"dependencies: [scipy]", "environment.yml"))
    (packages, *_) = lock.conda.values()
    asked = {found.id: packages for cell in family.cells if (found := environment(cell))}
    other = {build.name: build for build in builds(read.matrix, replace(lock, conda=asked), family.targets)}
    before = _keys(conda=dict.fromkeys(lock.conda, packages))
    assert {name for name in before if before[name] != other[name].key} == {NAME, OTHER}
    assert "\n  - scipy\nENVIRONMENT\n" in other[NAME].recipe.dockerfile


def test_what_changed_is_said_by_package() -> None:
    before, after = all_builds()[NAME].recipe, all_builds(conda=_changed(0, version="2.0"))[NAME].recipe
    assert differences(before.inputs(), after.inputs()) == ("pip 1.0 → 2.0",)


def test_where_channels_are_is_no_input_and_only_told_to_builds_that_need_them(tmp_path: Path) -> None:
    made = all_builds()
    here = replace(site(tmp_path), channels=tmp_path / "channels")
    told = definition(made.values(), tmp_path, here)["target"]
    assert told[NAME]["contexts"]["channels"] == str(tmp_path / "channels")
    assert "channels" not in told[WHEELS]["contexts"]
    assert str(tmp_path) not in made[NAME].recipe.dockerfile


def test_a_cell_of_pip_has_no_trace_of_conda() -> None:
    recipe = all_builds()[WHEELS].recipe
    assert "conda" not in recipe.inputs()
    assert "conda" not in recipe.dockerfile
