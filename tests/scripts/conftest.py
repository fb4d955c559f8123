"""Running the scripts on a state folder and a port of their own."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).parents[2] / "scripts"


@dataclass(frozen=True)
class Engine:
    """`scripts/engine` on a scratch state folder."""

    state: Path
    port: int
    kind: str = "private"

    @property
    def socket(self) -> str:
        return f"unix://{self.state}/engine/docker.sock"

    def environment(self, **more: str) -> dict[str, str]:
        mine = {"CIB_STATE": str(self.state), "CIB_PORT": str(self.port), "CIB_ENGINE": self.kind}
        return os.environ | mine | more

    def run(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        command = [str(SCRIPTS / "engine"), *arguments]
        return subprocess.run(
            command, env=self.environment(**more), capture_output=True, text=True, check=False
        )

    def up(self) -> None:
        done = self.run("up")
        assert done.returncode == 0, done.stderr

    def docker(self, *arguments: str) -> str:
        command = ["docker", "--host", self.socket, *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    def pid(self) -> int:
        return int((self.state / "engine/dockerd.pid").read_text())


def free_port() -> int:
    """A port that nobody listens on at the moment."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def bash(code: str, *parts: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run bash code after reading the named parts of scripts/lib."""
    sources = "".join(f". {SCRIPTS}/lib/{part}.sh\n" for part in parts)
    return subprocess.run(
        ["bash", "-c", f"set -euo pipefail\n{sources}{code}"],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def engine() -> Iterator[Engine]:
    """A private engine that is down, and is down again afterwards. Its path is short: sockets need that."""
    found = Engine(Path(tempfile.mkdtemp(prefix="cib-")), free_port())
    yield found
    assert found.run("down").returncode == 0
    shutil.rmtree(found.state)
