"""BuildKit's raw progress becomes steps, bytes, and the failure that counts."""

import base64
import json
from typing import Any

from builder.engine.solve import KEPT_LINES, Solve
from builder.model.outcome import BuildStep


def line(**status: Any) -> str:
    return json.dumps(status)


def vertex(name: str, **state: Any) -> dict[str, Any]:
    return {"digest": f"sha256:{name}", "name": name, **state}


def log(name: str, text: str) -> dict[str, Any]:
    return {"vertex": f"sha256:{name}", "data": base64.b64encode(text.encode()).decode()}


def test_steps_and_bytes_are_counted() -> None:
    solve = Solve("target")
    solve.feed(line(vertexes=[vertex("[internal] load"), vertex("one", started="t"), vertex("two")]))
    solve.feed(line(statuses=[{"id": "layer", "vertex": "sha256:one", "current": 5, "total": 10}]))
    solve.feed(line(vertexes=[vertex("one", started="t", completed="t"), vertex("two", started="t")]))
    progress = solve.progress()
    assert (progress.done, progress.known, progress.moved, progress.expected) == (1, 2, 5, 10)
    assert progress.step == "two"


def test_steps_have_the_time_that_they_took_together() -> None:
    def span(begin: str, end: str) -> dict[str, str]:
        return {"started": f"2026-11-21T10:00:{begin}Z", "completed": f"2026-11-21T10:00:{end}Z"}

    solve = Solve("target")
    solve.feed(line(vertexes=[vertex("[internal] load", **span("00.1", "00.2"))]))
    solve.feed(line(vertexes=[vertex("RUN make", **span("05", "07.123456789"))]))
    solve.feed(line(vertexes=[vertex("FROM base", **span("01", "01.5"), cached=True)]))
    solve.feed(line(vertexes=[vertex("FROM base", started="2026-11-21T10:00:02Z")]))
    solve.feed(line(vertexes=[vertex("FROM base", **span("02", "03"))]))
    solve.feed(line(vertexes=[vertex("RUN never", started="2026-11-21T10:00:09Z")]))
    assert solve.steps() == (BuildStep("FROM base", 1.5, cached=True), BuildStep("RUN make", 2.123))


def test_log_lines_survive_chunks_that_end_within_them() -> None:
    solve = Solve("target")
    solve.feed(line(vertexes=[vertex("RUN make", started="t")]))
    for chunk in ("gcc: er", "ror: no", " input\nmake: fail", "ed\n"):
        solve.feed(line(logs=[log("RUN make", chunk)]))
    solve.feed(line(vertexes=[vertex("RUN make", error="exit code: 2")]))
    step, error, lines = solve.failure()
    assert (step, error) == ("RUN make", "exit code: 2")
    assert lines == ("gcc: error: no input", "make: failed")


def test_only_the_last_lines_are_kept() -> None:
    solve = Solve("target")
    solve.feed(line(vertexes=[vertex("RUN", error="exit code: 1")]))
    solve.feed(line(logs=[log("RUN", "\n".join(f"line {i}" for i in range(100_000)))]))
    assert solve.failure()[2] == tuple(f"line {i}" for i in range(100_000 - KEPT_LINES, 100_000))


def test_the_step_that_failed_is_not_one_that_was_cancelled() -> None:
    solve = Solve("target")
    solve.feed(
        line(vertexes=[vertex("cancelled", error="context canceled"), vertex("guilty", error="exit code: 1")])
    )
    assert solve.failure()[0] == "guilty"


def test_a_cache_that_cannot_be_read_is_no_failure() -> None:
    solve = Solve("target")
    solve.feed(line(vertexes=[vertex("importing cache manifest from 127.0.0.1:1/a:b", error="not found")]))
    solve.feed(line(vertexes=[vertex("exporting cache to registry", error="connection refused")]))
    assert solve.failure() == ("", "", ())
    solve.feed(line(vertexes=[vertex("guilty", error="exit code: 1")]))
    assert solve.failure()[0] == "guilty"


def test_mounts_are_left_out_of_a_steps_name() -> None:
    solve = Solve("target")
    solve.feed(line(vertexes=[vertex("[a 1/2] RUN --mount=type=secret,id=ca make", error="x")]))
    assert solve.failure()[0] == "[a 1/2] RUN make"


def test_mounts_are_left_out_of_the_step_in_hand() -> None:
    solve = Solve("target")
    solve.feed(line(vertexes=[vertex("[a 1/2] RUN --mount=type=secret,id=ca make", started="t")]))
    assert solve.progress().step == "[a 1/2] RUN make"


def test_what_is_no_progress_is_what_buildx_says() -> None:
    solve = Solve("target")
    assert not solve.feed("ERROR: failed to connect\n")
    assert not solve.feed("[]")
    assert not solve.feed("")
    assert solve.failure() == ("", "", ("ERROR: failed to connect",))
