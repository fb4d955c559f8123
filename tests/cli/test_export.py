"""export from a registry: what is released is written, by tag or by selector, and the rest is said."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from builder.cli.app import run
from builder.matrix.lock import dump
from builder.model.digest import Digest
from builder.registry import Registry
from tests.matrix.samples import HEAD, expanded, lock_for, parsed, text
from tests.servers.images import push_index
from tests.servers.registry import RegistryServer

TODAY = datetime.now(UTC).date()


@pytest.fixture
def family(tmp_path: Path, server: RegistryServer) -> Path:
    file = tmp_path / "matrix.yaml"
    axes = {"cuda": "13.2.1", "os": "ubuntu24.04", "flavor": ["base", "runtime"]}
    file.write_bytes(text({**HEAD, "axes": axes, "release": f"{server.host}/acme/cuda"}))
    loaded = parsed(file.read_bytes())
    file.with_suffix(".lock").write_text(dump(lock_for(loaded, expanded(loaded, {}), TODAY)))
    return file


@pytest.fixture
def released(family: Path, server: RegistryServer, registry: Registry) -> Digest:
    tag = f"13.2.1-base-ubuntu24.04-{TODAY:%Y%m%d}"
    return push_index(registry, server.repository("acme/cuda").tag(tag)).digest


@pytest.mark.parametrize("word", ["13.2.1-base-*", "flavor=base", f"*-base-ubuntu24.04-{TODAY:%Y%m%d}"])
def test_an_image_is_chosen_by_selector_or_tag(
    family: Path, released: Digest, word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["export", "azureml", word, "-f", str(family)]) == 0
    assert yaml.safe_load(capsys.readouterr().out)["image"].endswith(f"/acme/cuda@{released}")


def test_files_go_to_a_folder_and_what_is_missing_is_said(
    family: Path, released: Digest, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["export", "devcontainer", "-f", str(family), "-o", str(tmp_path / "out")]) == 0
    told = capsys.readouterr()
    (file,) = (tmp_path / "out").rglob("devcontainer.json")
    assert told.out.strip() == str(file)
    assert json.loads(file.read_text())["image"].endswith(str(released))
    assert told.err.strip() == "13.2.1-runtime-ubuntu24.04-py3.12 is not released yet"


def test_nothing_released_is_an_error(family: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["export", "kubernetes", "-f", str(family)]) == 22
    assert "nothing of this is released" in capsys.readouterr().err


def test_words_that_choose_nothing_are_an_error(family: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["export", "kubernetes", "no-such-tag", "-f", str(family)]) == 3
    assert "nothing is selected by no-such-tag" in capsys.readouterr().err
