"""Starts the service and asks it as users do, at the level that SMOKE_LEVEL names."""

import json
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import uvicorn

from service.app import app
from service.health import CPU_COUNTS


@contextmanager
def serve() -> Iterator[str]:
    """The service on a free port, as its address, for as long as the block runs."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive(), "the service did not start"
            time.sleep(0.05)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()


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
    with serve() as address:
        os.environ[CPU_COUNTS] = "0" if gpu else "1"
        status, health = ask(f"{address}/healthz")
        assert status == 200, health
        assert health["device"] == ("cuda" if gpu else "cpu"), health
        assert bool(health["gpu"]) == gpu, health
        print(json.dumps(health))
        status, moments = ask(f"{address}/moments", {"values": [1.0, 2.0, 3.0]})
        assert (status, moments["mean"], moments["deviation"]) == (200, 2.0, 1.0), moments
        status, _ = ask(f"{address}/moments", {"values": []})
        assert status == 422
        if not gpu:
            os.environ[CPU_COUNTS] = "0"
            status, health = ask(f"{address}/healthz")
            assert status == 503, health
            print(f"where a GPU is required: {health['problem']}")


if __name__ == "__main__":
    main()
