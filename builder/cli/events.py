"""What `bake --progress json` prints: one event a line, as docs/reference/events.md has it."""

import json
import sys
import threading
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from builder.model.outcome import (
    BuildOutcome,
    Built,
    Failed,
    Reused,
    Skipped,
    Tested,
    TestOutcome,
    Untested,
)
from builder.model.progress import Outlook, Progress
from builder.model.receipt import Status
from builder.model.space import Space

if TYPE_CHECKING:
    from builder.pipeline.bake import Report
    from builder.pipeline.staging.build import Baked
    from builder.pipeline.staging.plan import Step


class Events:
    """Writes what happens as JSON lines, each whole, from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def space(self, space: Space) -> None:
        """Builds are to begin, and need disk."""
        self._write("disk", asdict(space))

    def progress(self, progress: Progress) -> None:
        """A build got further."""
        told = asdict(progress)
        self._write("progress", {"image": told.pop("build"), **told})

    def outlook(self, outlook: Outlook) -> None:
        """How far all builds are."""
        self._write("outlook", asdict(outlook))

    def baked(self, baked: "Baked") -> None:
        """A build ended."""
        step = baked.step
        place = {"target": step.build.target, "platform": str(step.cell.platform)}
        told = {"image": step.build.name, **place, **_build(baked.outcome), "why": step.why}
        self._write("build", told)

    def testing(self, step: "Step") -> None:
        """A test begins."""
        self._write("testing", {"image": step.build.name})

    def tested(self, step: "Step", outcome: TestOutcome) -> None:
        """A test ended."""
        self._write("test", {"image": step.build.name, **_test(outcome)})

    def closing(self, report: "Report") -> str:
        """The last line."""
        counts = {"built": Built, "reused": Reused, "failed": Failed, "skipped": Skipped}
        told = {
            "code": int(report.code),
            **{name: report.count(kind) for name, kind in counts.items()},
            "requests": report.requests.total,
            "writes": report.requests.writes,
            "findings": [asdict(finding) for finding in report.findings],
        }
        return _line("end", told)

    def _write(self, event: str, told: Mapping[str, Any]) -> None:
        with self._lock:
            sys.stdout.write(f"{_line(event, told)}\n")
            sys.stdout.flush()


def _line(event: str, told: Mapping[str, Any]) -> str:
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    return json.dumps({"event": event, "time": now, **told}, ensure_ascii=False)


def _build(outcome: BuildOutcome) -> dict[str, Any]:
    match outcome:
        case Built(digest, seconds, retried, steps):
            told = {"digest": str(digest), "seconds": round(seconds, 3), "retried": retried}
            return {"outcome": "built", **told, "steps": [asdict(step) for step in steps]}
        case Reused(digest):
            return {"outcome": "reused", "digest": str(digest)}
        case Failed(cause, step, log, reproduce, retried):
            told = {"cause": cause, "step": step, "log": log, "reproduce": reproduce, "retried": retried}
            return {"outcome": "failed", **told}
        case Skipped(reason):
            return {"outcome": "skipped", "reason": reason}


def _test(outcome: TestOutcome) -> dict[str, Any]:
    match outcome:
        case Untested(reason):
            return {"outcome": "untested", "reason": reason}
        case Tested(receipt):
            objections = [
                {"id": check.id, "status": str(check.status), "detail": check.detail}
                for check in receipt.checks
                if check.status is not Status.PASSED
            ]
            return {
                "outcome": "passed" if receipt.passed else "failed",
                "digest": str(receipt.subject),
                "level": str(receipt.level),
                "checks": len(receipt.checks),
                "objections": objections,
            }
