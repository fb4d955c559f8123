"""Releases with a Python that works, for both platforms."""

from pathlib import Path

import pytest

from tests.managed.releases import MACHINES, Releases, archive
from tests.pythons import VERSION, pythons

__all__ = ["pythons"]
KNOWN = "UV_PYTHON_DOWNLOADS_JSON_URL"


@pytest.fixture(scope="module")
def releases(pythons: Path, tmp_path_factory: pytest.TempPathFactory) -> Releases:
    made = Releases(tmp_path_factory.mktemp("releases"))
    for platform, machine in MACHINES.items():
        made.add(VERSION, "20251101", machine, archive(pythons / platform.replace("/", "_"), machine))
    return made
