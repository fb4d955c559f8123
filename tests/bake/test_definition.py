"""The bake file holds what Buildx needs and nothing that bake would read otherwise."""

import json
import re
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from builder.bake.cache import Cache
from builder.bake.definition import Site, bake_name, definition
from builder.bake.labels import INPUTS, KEY
from builder.model.digest import Digest
from tests.bake.samples import all_builds, site


def test_every_cell_is_a_target_and_in_the_default_group(tmp_path: Path) -> None:
    builds = all_builds()
    file = definition(builds.values(), tmp_path, site(tmp_path))
    assert sorted(builds) == file["group"]["default"]["targets"] == sorted(file["target"])


def test_one_platform_one_output_and_the_key_as_its_tag(tmp_path: Path) -> None:
    for name, build in all_builds().items():
        target = definition([build], tmp_path, site(tmp_path))["target"][name]
        assert target["platforms"] == [str(build.recipe.cell.platform)]
        (output,) = target["output"]
        assert f"name=127.0.0.1:1/acme/staging:key-{build.key.hex[:40]}" in output.split(",")
        assert {"push=true", "rewrite-timestamp=true"} <= set(output.split(","))


def test_the_key_and_its_inputs_are_annotations(tmp_path: Path) -> None:
    build = next(iter(all_builds().values()))
    lines = definition([build], tmp_path, site(tmp_path))["target"][build.name]["annotations"]
    told = dict(line.removeprefix("manifest:").split("=", 1) for line in lines)
    assert told[KEY] == str(build.key)
    assert json.loads(told[INPUTS]) == build.recipe.inputs()


def test_steps_are_kept_under_the_key_and_taken_from_the_last_build(tmp_path: Path) -> None:
    build, last = next(iter(all_builds().values())), Digest.of(b"last")
    own = Cache(build.staging, build.key)
    first = definition([build], tmp_path, site(tmp_path), caches={build.name: own})["target"][build.name]
    (kept,) = first["cache-to"]
    assert f"ref=127.0.0.1:1/acme/staging:cache-{build.key.hex[:40]}" in kept.split(",")
    assert {"type=registry", "mode=max", "ignore-error=true"} <= set(kept.split(","))
    assert "cache-from" not in first
    caches = {build.name: replace(own, last=last)}
    later = definition([build], tmp_path, site(tmp_path), caches=caches)["target"][build.name]
    taken = f"type=registry,ref=127.0.0.1:1/acme/staging:cache-{last.hex[:40]}"
    assert later == {**first, "cache-from": [taken]}
    bare = definition([build], tmp_path, site(tmp_path))["target"][build.name]
    assert first == {**bare, "cache-to": [kept]}


def test_what_bake_would_expand_is_escaped(tmp_path: Path) -> None:
    build = next(iter(all_builds().values()))
    text = definition([build], tmp_path, site(tmp_path))["target"][build.name]["dockerfile-inline"]
    assert "$${BUILDPLATFORM}" in text
    assert not re.search(r"(?<!\$)\$\{", text)


def test_secrets_are_files_and_never_arguments(tmp_path: Path) -> None:
    authorities = tmp_path / "ca.pem"
    where = Site(secrets={"ca": authorities}, indexes={}, wheelhouse=tmp_path)
    build = next(iter(all_builds().values()))
    target = definition([build], tmp_path, where)["target"][build.name]
    assert target["secret"] == [f"id=ca,src={authorities}"]
    assert str(authorities) not in json.dumps({**target, "secret": []})


def test_the_hosts_network_is_for_engines_without_one_and_no_input(tmp_path: Path) -> None:
    build = next(iter(all_builds().values()))
    own = definition([build], tmp_path, site(tmp_path))["target"][build.name]
    shared = definition([build], tmp_path, replace(site(tmp_path), network="host"))["target"][build.name]
    assert "network" not in own
    assert shared == {**own, "network": "host"}


@pytest.mark.parametrize("target", ["13.0.2-base", "torch2.13.0+cpu", "a_b-c"])
def test_bake_takes_the_names(target: str) -> None:
    assert re.fullmatch(r"[a-zA-Z0-9_-]+", bake_name(target, "amd64"))


@pytest.mark.engine
def test_buildx_accepts_the_file(tmp_path: Path) -> None:
    file = definition(all_builds().values(), tmp_path, site(tmp_path))
    done = subprocess.run(
        ["docker", "buildx", "bake", "-f", "-", "--print"],
        input=json.dumps(file),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    printed = json.loads(done.stdout)
    assert sorted(printed["target"]) == sorted(file["target"])
    one = next(iter(printed["target"].values()))
    assert "--platform=${BUILDPLATFORM}" in one["dockerfile-inline"].replace("$${", "${")
    assert "variable is not set" not in done.stderr
