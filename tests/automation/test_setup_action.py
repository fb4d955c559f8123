"""The action that sets up jobs: it installs what is pinned, and keeps Docker's settings to the job."""

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from builder.registry.auth.docker_config import DockerConfig
from builder.registry.auth.secrets import Password
from tests.automation.workflows import ACTIONS, ROOT, load
from tests.servers.registry import RegistryServer

# A plugin of Docker's command line that only says that it was found.
_PLUGIN = """#!/bin/sh
if [ "$1" = docker-cli-plugin-metadata ]; then
  echo '{"SchemaVersion": "0.1.0", "Vendor": "test", "Version": "1"}'
else
  echo found
fi
"""


class Job:
    """A job of a user with a home, on a machine whose temporary folder is its own."""

    def __init__(self, folder: Path, home: Path) -> None:
        self.temp = folder
        self.variables = folder / "variables"
        self.environment = {**os.environ, "HOME": str(home), "GITHUB_ENV": str(self.variables)}
        self.environment["GITHUB_PATH"] = str(folder / "path")
        self.environment.pop("DOCKER_CONFIG", None)
        folder.mkdir()

    def step(self, name: str, **given: str) -> subprocess.CompletedProcess[str]:
        """Run a step of the action; what it sets for later steps holds from then on."""
        (step,) = [it for it in load(ACTIONS / "setup/action.yml")["runs"]["steps"] if it["name"] == name]
        done = self.run("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"], **given)
        if self.variables.exists():
            lines = self.variables.read_text().splitlines()
            self.environment |= dict(line.split("=", 1) for line in lines)
        return done

    def run(self, *command: str, **given: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            env={**self.environment, **given},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )

    def log_in(self, server: RegistryServer, user: str, password: str) -> None:
        """Run the steps that log in, in their order."""
        kept = self.step("Keep Docker's settings to this job", CONFIG=str(self.temp / "docker"))
        assert kept.returncode == 0, kept.stdout
        done = self.step("Log in to the registry", REGISTRY=server.host, USERNAME=user, PASSWORD=password)
        assert done.returncode == 0, done.stdout

    def user(self, server: RegistryServer) -> str:
        """As whom this job's later steps ask a registry."""
        found = DockerConfig.load(self.environment).credential(server.host)
        assert isinstance(found, Password)
        return found.username


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with settings of Docker's and with a plugin."""
    docker = tmp_path / "home" / ".docker"
    (docker / "cli-plugins").mkdir(parents=True)
    (docker / "config.json").write_text('{"proxies": {"default": {"noProxy": "here"}}}')
    plugin = docker / "cli-plugins" / "docker-planted"
    plugin.write_text(_PLUGIN)
    plugin.chmod(0o755)
    return docker.parent


@pytest.mark.engine
def test_logins_of_two_jobs_do_not_meet_and_do_not_stay(
    tmp_path: Path, home: Path, start_registry: Callable[..., RegistryServer]
) -> None:
    server = start_registry(users={"one": "secret", "other": "word"})
    before = (home / ".docker/config.json").read_text()
    one, other = Job(tmp_path / "one", home), Job(tmp_path / "other", home)
    one.log_in(server, "one", "secret")
    other.log_in(server, "other", "word")
    assert (one.user(server), other.user(server)) == ("one", "other")
    assert (home / ".docker/config.json").read_text() == before
    assert {path.name for path in (home / ".docker").iterdir()} == {"config.json", "cli-plugins"}
    config = one.temp / "docker" / "config.json"
    assert json.loads(config.read_text())["proxies"] == {"default": {"noProxy": "here"}}
    assert config.stat().st_mode & 0o077 == 0
    assert "found" in one.run("docker", "planted").stdout

    one.log_in(server, "other", "word")
    assert one.user(server) == "other", "the action may be used twice in a job"


def test_what_is_installed_is_what_is_pinned(tmp_path: Path, home: Path) -> None:
    job, venv = Job(tmp_path / "job", home), tmp_path / "venv"
    (tmp_path / "requirements").mkdir()
    pinned = (ROOT / "requirements/run.txt").read_text()
    version = next(line for line in pinned.splitlines() if line.startswith("idna=="))
    (tmp_path / "requirements/run.txt").write_text(f"{version}\n    --hash=sha256:{'0' * 64}\n")
    given = {"VENV": str(venv), "REQUIREMENTS": "requirements/run.txt"}
    other = job.step("Install the builder", SOURCE=str(tmp_path), **given)
    assert other.returncode != 0
    assert "DO NOT MATCH THE HASHES" in other.stdout

    done = job.step("Install the builder", SOURCE=str(ROOT), **given)
    assert done.returncode == 0, done.stdout
    assert (tmp_path / "job/path").read_text() == f"{venv}/bin\n"
    checked = job.run(str(venv / "bin/python"), "-m", "pip", "check")
    assert checked.returncode == 0, checked.stdout
    assert job.run(str(venv / "bin/python"), "-m", "builder", "--help").returncode == 0
