"""Starts the service as users do and asks it, at the level that SMOKE_LEVEL names."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from service.health import CPU_COUNTS

_PATIENCE = 600.0


@contextmanager
def serve(**environment: str) -> Iterator[str]:
    """A running service, as its address. It ends with the block; so does waiting for one that ended."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "uvicorn",
        "service.app:app",
        "--port",
        str(port),
        "--log-level",
        "warning",
    ]
    with subprocess.Popen(command, env={**os.environ, **environment}) as process:
        try:
            _wait(process, port)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
    raise SystemExit("selftest: the service did not start")


def ask(address: str, body: object = None) -> tuple[int, dict[str, Any]]:
    """The status and the JSON of an answer."""
    data = json.dumps(body).encode() if body else None
    request = Request(address, data, {"Content-Type": "application/json"})
    try:
        with urlopen(request, timeout=60) as answer:
            return answer.status, json.load(answer)
    except HTTPError as refused:
        return refused.code, json.load(refused)


def main() -> None:
    """Healthy where a GPU is or need not be, and not healthy where one is missing."""
    gpu = os.environ.get("SMOKE_LEVEL", "gpu") == "gpu"
    with serve(**({} if gpu else {CPU_COUNTS: "1"})) as address:
        status, health = ask(f"{address}/healthz")
        assert status == 200, health
        assert health["device"] == ("cuda" if gpu else "cpu"), health
        assert bool(health["gpu"]) == gpu, health
        status, moments = ask(f"{address}/moments", {"values": [1.0, 2.0, 3.0]})
        assert (status, moments["mean"], moments["deviation"]) == (200, 2.0, 1.0), moments
        status, _ = ask(f"{address}/moments", {"values": []})
        assert status == 422
    print(json.dumps(health))
    with serve(CUDA_VISIBLE_DEVICES="", **{CPU_COUNTS: "0"}) as address:
        status, health = ask(f"{address}/healthz")
        assert status == 503, health
        assert "GPU" in health["problem"] or "CUDA" in health["problem"], health
    print(f"without a GPU: {health['problem']}")


if __name__ == "__main__":
    main()
