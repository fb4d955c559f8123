"""Releases from the command line: published, verified, listed, rolled back, pruned, and what it refuses."""

import json
import os
import subprocess
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from builder.cli.app import run
from builder.matrix.lock import Lock
from builder.model.digest import Digest
from builder.model.errors import ExitCode
from builder.pipeline.project import read_lock
from builder.registry import Registry
from builder.report.catalog import HUB_LIMIT
from tests.cli.staged import Staged
from tests.pipeline.conftest import CPU, make_family
from tests.release.keys import PASSWORD, KeyPair, generate
from tests.servers.fixtures import QUICK
from tests.servers.registry import RegistryServer

pytestmark = pytest.mark.engine


@pytest.fixture(scope="session")
def key_pairs(tmp_path_factory: pytest.TempPathFactory) -> tuple[KeyPair, KeyPair]:
    """Two key pairs."""
    folder = tmp_path_factory.mktemp("keys")
    return generate(folder / "ours"), generate(folder / "theirs")


@pytest.fixture
def staged(tmp_path: Path, server: RegistryServer, monkeypatch: pytest.MonkeyPatch) -> Staged:
    """A matrix with one target on one platform, staged and tested."""
    monkeypatch.setenv("COSIGN_PASSWORD", PASSWORD)
    made = Staged(make_family(tmp_path / "family", server, CPU).file)
    made.stage()
    made.test()
    return made


def lock_of(staged: Staged) -> Lock:
    found = read_lock(staged.file)
    assert found
    return found


def release(staged: Staged, *words: str) -> int:
    return run(["release", "-f", str(staged.file), *words])


def answer(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    """What a command says as JSON."""
    run([*words, "--format", "json"])
    return json.loads(capsys.readouterr().out)


def digest_of(staged: Staged, tag: str) -> Digest | None:
    matrix = staged.work.project.matrix
    with Registry(QUICK) as registry:
        from builder.model.reference import Repository

        found = registry.resolve(Repository.parse(matrix.release).tag(tag))
    return found.digest if found else None
