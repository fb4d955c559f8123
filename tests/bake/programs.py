"""Programs of the build context, in this process."""

import importlib.util
import sys
from types import ModuleType

import pytest

from builder.bake import context


def program(name: str, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """A program as a module. Nothing is written beside it: every file there is part of all keys."""
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.syspath_prepend(context.path())
    spec = importlib.util.spec_from_file_location(name.replace("-", "_"), context.path() / f"{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
