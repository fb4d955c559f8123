"""export from a registry: what is released is written, by tag or by selector, and the rest is said."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from builder.cli.app import run
from builder.matrix.lock import dump
from builder.model.digest import Digest
from builder.registry import Registry
from tests.cli.staged import Staged
from tests.matrix.samples import HEAD, expanded, lock_for, parsed, text
from tests.servers.images import push_index
from tests.servers.registry import RegistryServer

AXES = {"cuda": "13.2.1", "os": "ubuntu24.04", "flavor": ["base", "runtime"]}
TODAY = datetime.now(UTC).date()
LATER = TODAY + timedelta(days=7)
BASE = f"13.2.1-base-ubuntu24.04-{TODAY:%Y%m%d}"


@pytest.fixture
def family(tmp_path: Path, server: RegistryServer) -> Path:
    """A family of two targets, staged and tested."""
    file = tmp_path / "matrix.yaml"
    places = {"release": f"{server.host}/acme/cuda", "staging": f"{server.host}/acme/staging"}
    policy = {"require": {"linux/amd64": "cpu", "linux/arm64": "cpu"}}
    file.write_bytes(text({**HEAD, **places, "axes": AXES, "smoke": policy}))
    loaded = parsed(file.read_bytes())
    file.with_suffix(".lock").write_text(dump(lock_for(loaded, expanded(loaded, {}), TODAY)))
    return file


@pytest.fixture
def released(family: Path, server: RegistryServer, registry: Registry) -> Digest:
    """One of them is released."""
    Staged(family).stage()
    Staged(family).test()
    assert run(["release", "flavor=base", "-f", str(family)]) == 0
    found = registry.resolve(server.repository("acme/cuda").tag(BASE))
    assert found
    return found.digest


@pytest.mark.parametrize("word", ["13.2.1-base-*", "flavor=base", f"*-base-ubuntu24.04-{TODAY:%Y%m%d}"])
def test_an_image_is_chosen_by_selector_or_tag(
    family: Path, released: Digest, word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert run(["export", "azureml", word, "-f", str(family)]) == 0
    assert yaml.safe_load(capsys.readouterr().out)["image"].endswith(f"/acme/cuda@{released}")


def test_files_go_to_a_folder_and_what_is_missing_is_said(
    family: Path, released: Digest, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert run(["export", "devcontainer", "-f", str(family), "-o", str(tmp_path / "out")]) == 0
    told = capsys.readouterr()
    (file,) = (tmp_path / "out").rglob("devcontainer.json")
    assert told.out.split() == [str(file), str(file.with_name("Dockerfile"))]
    assert json.loads(file.read_text())["build"] == {"dockerfile": "Dockerfile"}
    assert f"@{released}\n" in file.with_name("Dockerfile").read_text()
    missing = f"13.2.1-runtime-ubuntu24.04-{TODAY:%Y%m%d}"
    assert told.err.strip() == f"13.2.1-runtime-ubuntu24.04-py3.12 ({missing}) is not released yet"


def test_files_that_belong_together_are_not_printed(family: Path, released: Digest) -> None:
    assert run(["export", "devcontainer", "flavor=base", "-f", str(family)]) == 2


def test_an_image_of_an_older_lock_is_told_as_what_it_is(
    family: Path, released: Digest, capsys: pytest.CaptureFixture[str]
) -> None:
    Staged(family).lock_to(LATER)
    capsys.readouterr()
    assert run(["export", "azureml", "flavor=base", "-f", str(family)]) == 0
    told = capsys.readouterr()
    written = yaml.safe_load(told.out)
    assert written["image"].endswith(f"@{released}")
    assert written["version"] == f"{TODAY:%Y%m%d}"
    assert written["tags"]["released-as"] == f"{BASE}, 13.2.1-base-ubuntu24.04"
    assert f"is of {TODAY}: nothing newer is released, the lock is of {LATER}" in told.err


def test_what_the_matrix_asks_for_now_is_not_told_of_an_older_image(
    family: Path, released: Digest, capsys: pytest.CaptureFixture[str]
) -> None:
    matrix = yaml.safe_load(family.read_text())
    family.write_bytes(text({**matrix, "axes": {**AXES, "platform": ["linux/amd64"]}}))
    capsys.readouterr()
    assert run(["export", "azureml", "flavor=base", "-f", str(family)]) == 0
    said = yaml.safe_load(capsys.readouterr().out)["description"]
    assert said.endswith("for linux/amd64, linux/arm64.")


def test_a_tag_of_the_lock_that_is_not_released_is_an_error(
    family: Path, released: Digest, capsys: pytest.CaptureFixture[str]
) -> None:
    Staged(family).lock_to(LATER)
    tag = f"13.2.1-base-ubuntu24.04-{LATER:%Y%m%d}"
    assert run(["export", "azureml", tag, "-f", str(family)]) == 22
    assert tag in capsys.readouterr().err


def test_a_tag_that_points_elsewhere_is_not_listed(
    family: Path,
    server: RegistryServer,
    released: Digest,
    registry: Registry,
    capsys: pytest.CaptureFixture[str],
) -> None:
    repository = server.repository("acme/cuda")
    push_index(registry, repository.tag("13.2.1-base-ubuntu24.04"))
    capsys.readouterr()
    assert run(["export", "azureml", "flavor=base", "-f", str(family)]) == 0
    written = yaml.safe_load(capsys.readouterr().out)
    assert (written["image"].rpartition("@")[2], written["tags"]["released-as"]) == (str(released), BASE)


def test_nothing_released_is_an_error(family: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["export", "kubernetes", "-f", str(family)]) == 22
    assert "nothing of this is released" in capsys.readouterr().err


def test_words_that_choose_nothing_are_an_error(family: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["export", "kubernetes", "no-such-tag", "-f", str(family)]) == 3
    assert "nothing is selected by no-such-tag" in capsys.readouterr().err
