"""A stage of an app runs on the build machine's own platform where the family has an image for that."""

import json
import os
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from builder.bake.definition import Build, definition
from builder.model.app import App, Sources
from builder.model.digest import Digest
from builder.model.reference import Repository
from builder.registry import Registry
from tests.bake.samples import AMD64, ARM64, all_builds, digest, site

DOCKERFILE = """\
FROM --platform=$BUILDPLATFORM base AS native
ARG TARGETARCH
RUN test "$TARGETARCH" = arm64 && dpkg --print-architecture | grep -qx amd64
FROM base
COPY --from=native /etc/os-release /app
"""
OTHER = "base::linux/amd64"


def app(folder: Path, **changes: Any) -> Build:
    """An app for arm64 over the sample family, whose twins are those for amd64."""
    (folder / "Dockerfile").write_text(DOCKERFILE)
    some = {name: replace(build, **changes) for name, build in all_builds().items()}
    over, beside = (some[f"cpu-base-debian12-py3_11-{slug}"] for slug in ("arm64", "amd64"))
    sources = Sources(str(folder), "Dockerfile", DOCKERFILE, {})
    made = App("app", sources, (), {}, ("true",), 1)
    recipe = replace(over.recipe, cell=replace(over.recipe.cell, app=made))
    return replace(over, name="app", recipe=recipe, images={}, parents={"base": over}, twins={OTHER: beside})


def test_a_twin_is_named_once_it_is_there(tmp_path: Path) -> None:
    build = app(tmp_path)
    (over,), (beside,) = build.parents.values(), build.twins.values()
    staged = {over.name: digest("over")}
    alone = definition([build], tmp_path, site(tmp_path), staged)["target"]["app"]["contexts"]
    assert OTHER not in alone
    both = definition([build], tmp_path, site(tmp_path), {**staged, beside.name: digest("beside")})
    told = both["target"]["app"]["contexts"]
    assert told[OTHER] == f"docker-image://{beside.staging.at(digest('beside'))}"
    printed = definition([over, beside, build], tmp_path, site(tmp_path))["target"]["app"]["contexts"]
    assert printed[OTHER] == f"target:{beside.name}"


def test_a_twin_is_no_input(tmp_path: Path) -> None:
    build = app(tmp_path)
    assert replace(build, twins={}).key == build.key


@pytest.mark.engine
def test_buildkit_runs_the_stage_on_the_twin(tmp_path: Path) -> None:
    place = Repository.parse(f"{os.environ.get('CIB_REGISTRY', '127.0.0.1:5000')}/library/debian")
    build = app(tmp_path, staging=place)
    (over,), (beside,) = build.parents.values(), build.twins.values()
    with Registry() as registry:
        platforms = registry.manifest(place.tag("12-slim")).platforms()
    staged = {over.name: platforms[ARM64].digest, beside.name: platforms[AMD64].digest}
    assert _build(build, tmp_path, staged).returncode == 0
    # The parent stands in for a twin that is not there: the stage runs on an image for the other platform.
    assert _build(build, tmp_path, {over.name: platforms[ARM64].digest}).returncode != 0


def _build(build: Build, folder: Path, staged: dict[str, Digest]) -> subprocess.CompletedProcess[str]:
    file = definition([build], folder, site(folder), staged)
    file["target"]["app"] |= {"output": ["type=cacheonly"], "attest": []}
    command = ["docker", "buildx", "bake", "-f", "-", "--allow", f"fs.read={folder}"]
    return subprocess.run(command, input=json.dumps(file), capture_output=True, text=True, check=False)
