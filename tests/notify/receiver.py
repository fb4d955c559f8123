"""A chat's webhook on loopback: takes messages as Slack and Teams document that they do, or refuses."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

SECRET = "T0/B0/a-secret-path"


@dataclass
class Receiver:
    """What was posted to `url`. `answers` are given first; then all is taken."""

    url: str = ""
    answers: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    messages: list[dict[str, Any]] = field(default_factory=list)
    tries: int = 0


@contextmanager
def receiver(*answers: tuple[int, dict[str, str]]) -> Iterator[Receiver]:
    """A receiver on a free port of 127.0.0.1."""
    made = Receiver(answers=list(answers))

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            made.tries += 1
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, headers = made.answers.pop(0) if made.answers else (200, {})
            if status == 200:
                assert self.headers["Content-Type"] == "application/json"
                assert self.path == f"/{SECRET}"
                made.messages.append(json.loads(body))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base class's name
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        made.url = f"http://127.0.0.1:{http.server_address[1]}/{SECRET}"
        thread = Thread(target=http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield made
        finally:
            http.shutdown()
            thread.join()
