"""Without a usable Docker there is one error that says what to do."""

import os
from pathlib import Path

import pytest

from builder.engine.client import connect
from builder.model.errors import BuilderError, ExitCode


def script(folder: Path, text: str) -> None:
    file = folder / "docker"
    file.write_text(f"#!/bin/sh\n{text}\n")
    file.chmod(0o755)


def refused() -> BuilderError:
    with pytest.raises(BuilderError) as caught:
        connect()
    assert caught.value.code == ExitCode.TOOL_MISSING
    assert caught.value.fix
    return caught.value


def test_no_docker_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "no docker command" in refused().what


@pytest.mark.parametrize(
    ("buildx", "what"),
    [("exit 1", "no Buildx"), ("echo github.com/docker/buildx v0.12.1 x", "Buildx is 0.12.1")],
)
def test_no_buildx_or_an_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, buildx: str, what: str
) -> None:
    script(tmp_path, buildx)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert what in refused().what
