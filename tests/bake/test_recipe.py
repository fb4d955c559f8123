"""The key follows the inputs that change an image, and nothing else."""

import os
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from builder.bake import context
from builder.bake.recipe import Recipe, differences
from builder.matrix.lock import LockedBase
from tests.bake.samples import AMD64, ARM64, BASE, TEXT, all_builds, digest

NAME = "13_0_2-base-debian12-py3_11-wheels-amd64"
OTHER = "13_0_2-base-debian12-py3_11-wheels-arm64"


def recipe() -> Recipe:
    return all_builds()[NAME].recipe


@pytest.mark.parametrize(
    "changed",
    [
        replace(recipe(), dockerfile="FROM base\n"),
        replace(recipe(), context={**recipe().context, "take": digest("other")}),
        replace(recipe(), context={**recipe().context, "more": digest("file")}),
        replace(recipe(), base=digest("other base")),
        replace(recipe(), wheels=recipe().wheels[1:]),
        replace(recipe(), wheels=(replace(recipe().wheels[0], digest=digest("x")), *recipe().wheels[1:])),
        replace(recipe(), arguments={"MORE": "1"}),
        replace(recipe(), exporter={"compression": "zstd"}),
        replace(recipe(), epoch=recipe().epoch + 1),
    ],
    ids=["dockerfile", "file", "new file", "base", "no wheel", "wheel", "argument", "exporter", "epoch"],
)
def test_each_input_changes_the_key(changed: Recipe) -> None:
    assert changed.key != recipe().key


def test_the_order_of_mappings_and_wheels_does_not() -> None:
    one = recipe()
    other = replace(
        one,
        context=dict(reversed([*one.context.items()])),
        wheels=tuple(reversed(one.wheels)),
        exporter=dict(reversed([*one.exporter.items()])),
    )
    assert other.key == one.key


def base(**platforms: str) -> LockedBase:
    return LockedBase(
        index=digest(platforms.get("index", "index")),
        platforms={
            AMD64: digest(platforms.get("amd64", "amd64")),
            ARM64: digest(platforms.get("arm64", "arm64")),
        },
        seen=date(2026, 11, 20),
        place=platforms.get("place", "127.0.0.1:1/library/debian"),
    )


@pytest.mark.parametrize(
    "moved", [base(index="moved"), base(arm64="moved"), base(place="mirror.example/debian")]
)
def test_another_platform_the_index_and_the_mirror_do_not(moved: LockedBase) -> None:
    assert all_builds(bases={BASE: moved})[NAME].key == all_builds()[NAME].key


def test_a_base_that_moved_on_one_platform_rebuilds_that_platform_alone() -> None:
    before, after = all_builds(), all_builds(bases={BASE: base(amd64="moved")})
    moved = {name for name in before if before[name].key != after[name].key}
    assert moved == {name for name in before if name.endswith("amd64")}
    assert before[OTHER].key == after[OTHER].key


def test_tag_names_repositories_and_comments_of_the_matrix_do_not() -> None:
    text = (
        TEXT.replace("acme/cuda", "other/name")
        .replace('rolling: "', 'rolling: "x-')
        .replace("axes", "# !\naxes")
    )
    assert all_builds(text)[NAME].key == all_builds()[NAME].key


def test_file_times_and_the_folder_do_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = all_builds()[NAME].key
    some = next(file for file in context.path().iterdir())
    status = some.stat()
    try:
        os.utime(some, (1, 1))
        context.digests.cache_clear()
        context.every.cache_clear()
        monkeypatch.chdir(tmp_path)
        assert all_builds()[NAME].key == before
    finally:
        os.utime(some, ns=(status.st_atime_ns, status.st_mtime_ns))


def test_a_new_epoch_rebuilds_everything() -> None:
    before, after = all_builds(), all_builds(epoch=date(2026, 11, 22))
    assert all(before[name].key != after[name].key for name in before)


def test_differences_name_what_changed() -> None:
    before = recipe().inputs()
    after = replace(recipe(), epoch=1, base=digest("other")).inputs()
    after["wheels"] = [line.replace("==1.0", "==1.1") for line in before["wheels"]]
    told = differences(before, after)
    assert told[0].startswith(f"base sha256:{digest('amd64').hex[:12]}")
    assert "epoch 2026-11-21 → 1970-01-01" in told
    assert "cuda-toolkit 1.0 → 1.1" in told
    assert not differences(before, before)


def test_a_package_of_the_same_version_shows_the_digests_that_differ() -> None:
    wheels = [{"wheels": [f"torch==2.9.1 {digest(word)}", f"numpy==2.4.6 {digest('n')}"]} for word in "ab"]
    (line,) = differences(*wheels)
    assert line == f"torch 2.9.1 {str(digest('a'))[:19]}… → 2.9.1 {str(digest('b'))[:19]}…"
    assert differences(wheels[0], {"wheels": []}) == ("numpy 2.4.6 → nothing", "torch 2.9.1 → nothing")


def test_differences_survive_inputs_of_another_version() -> None:
    assert "recipe nothing → 1" in differences({}, recipe().inputs())
