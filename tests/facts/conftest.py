"""Tables with a planted fault, and the scripts that make tables."""

import json
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from builder.facts import (
    archs,
    cuda,
    drivers,
    emulators,
    forecast,
    gpus,
    hosts,
    keys,
    systems,
    table,
    tags,
    torch,
    upstream,
    wheels,
)

SCRIPTS = Path(__file__).parents[2] / "scripts"
sys.path.insert(0, str(SCRIPTS))

Fault = Callable[[dict[str, Any]], object]

_MODULES = (
    archs,
    cuda,
    drivers,
    emulators,
    forecast,
    gpus,
    hosts,
    keys,
    systems,
    table,
    tags,
    torch,
    upstream,
    wheels,
)


def _forget() -> None:
    for module in _MODULES:
        for value in vars(module).values():
            if hasattr(value, "cache_clear"):
                value.cache_clear()


@pytest.fixture
def plant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str, Fault], None]]:
    """Makes the readers read tables of which one has a fault."""

    def plant(name: str, fault: Fault) -> None:
        folder = shutil.copytree(table.FOLDER, tmp_path / "tables")
        path = folder / f"{name}.json"
        data = json.loads(path.read_text(encoding="utf-8"))
        fault(data)
        path.write_text(json.dumps(data), encoding="utf-8")
        monkeypatch.setattr(table, "FOLDER", folder)
        _forget()

    yield plant
    monkeypatch.undo()
    _forget()
