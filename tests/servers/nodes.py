"""Engines with a state of their own, whose BuildKit Buildx reaches over TCP, as on other machines."""

import os
import shutil
import signal
import socket
import socketserver
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.scripts.conftest import bash

_PARTS = ("common", "process", "emulation", "network", "daemon")
# Steps share the host's network, as where the kernel has no bridges.
_NO_BRIDGE = "network_up() { echo none; }\n"
_UPGRADE = b"POST /grpc HTTP/1.1\r\nHost: engine\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Node:
    """An engine without a network of its own; `endpoint` is what Buildx' remote driver takes."""

    state: Path
    endpoint: str

    @property
    def socket(self) -> Path:
        """Where Docker's API answers."""
        return self.state / "engine/docker.sock"

    def kill(self) -> None:
        """End it as a power cut would; its containers' processes are cleared away with the node."""
        os.kill(int((self.state / "engine/dockerd.pid").read_text()), signal.SIGKILL)


@contextmanager
def node(disk: str = "") -> Iterator[Node]:
    """An engine of its own for as long as the block runs; a `disk` is all that it has, as `300m`.

    Its path is short: sockets need that.
    """
    state = Path(tempfile.mkdtemp(prefix="cib-node-"))
    if disk:
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={disk}", "tmpfs", state], check=True)
    try:
        _run(f"{_NO_BRIDGE}start_daemon", state)
        with _Door(state / "engine/docker.sock") as door:
            yield Node(state, f"tcp://127.0.0.1:{door.server_address[1]}")
    finally:
        _run("stop_daemon", state)
        if disk:
            subprocess.run(["umount", state], check=True)
        shutil.rmtree(state)


def create_builder(name: str, **nodes: tuple[Node, str]) -> None:
    """A Buildx builder of these nodes, each with the platforms that it is for."""
    for number, (label, (made, platforms)) in enumerate(nodes.items()):
        command = ["docker", "buildx", "create", "--driver", "remote", "--name", name, "--node", label]
        command += ["--platform", platforms, *(["--append"] if number else []), made.endpoint]
        subprocess.run(command, check=True, capture_output=True)


def _run(code: str, state: Path) -> None:
    done = bash(code, *_PARTS, CIB_STATE=str(state))
    assert done.returncode == 0, done.stderr


class _Door(socketserver.ThreadingTCPServer):
    """Passes bytes between TCP connections and the BuildKit within an engine, once that speaks gRPC."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, engine: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Passage)
        self.engine = engine
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def server_close(self) -> None:
        self.shutdown()
        super().server_close()


class _Passage(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        assert isinstance(self.server, _Door)
        with socket.socket(socket.AF_UNIX) as engine, suppress(OSError):
            engine.connect(str(self.server.engine))
            engine.sendall(_UPGRADE)
            answer = b""
            while not answer.endswith(b"\r\n\r\n"):
                answer += engine.recv(1) or b"\r\n\r\n"
            if b" 101 " not in answer:
                return
            back = threading.Thread(target=_pass, args=(engine, self.request), daemon=True)
            back.start()
            _pass(self.request, engine)
            back.join()


def _pass(source: socket.socket, destination: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(1 << 16):
            destination.sendall(data)
    for end in (source, destination):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
