"""Who needs an engine is told in one line that there is none, or that it says nothing."""

from pathlib import Path

import pytest
from python_on_whales import DockerClient

from builder.engine.info import engine_info
from builder.engine.processes import run
from builder.model.errors import BuilderError, ExitCode


def test_no_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    with pytest.raises(
        BuilderError, match=f"no Docker engine answers at unix://{tmp_path}/none.sock"
    ) as refused:
        engine_info(DockerClient())
    assert refused.value.code is ExitCode.TOOL_MISSING


@pytest.mark.parametrize("said", ["", "{", "[]", "null", '{"ServerVersion": ""}'])
def test_an_answer_that_is_none(tmp_path: Path, said: str) -> None:
    docker = tmp_path / "docker"
    docker.write_text(f"#!/bin/sh\necho '{said}'\n")
    docker.chmod(0o755)
    with pytest.raises(BuilderError, match="no Docker engine answers"):
        engine_info(DockerClient(client_call=[str(docker)]))


def test_a_program_that_does_not_end_is_ended() -> None:
    with pytest.raises(BuilderError, match=r"`sleep 60` has not ended in 0 s") as refused:
        run(["sleep", "60"], seconds=0.1)
    assert refused.value.code is ExitCode.TOOL_MISSING
