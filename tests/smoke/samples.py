"""Values that the tests of this room start from; each is good until a test spoils it."""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from builder.model.cell import Cell, Flavor, Level, Source
from builder.model.digest import Digest
from builder.model.platform import Platform
from builder.model.probe import ProbeRun
from builder.model.receipt import Check, Receipt, Status
from builder.smoke.expectation import expectation
from builder.smoke.probes.checks import demanded
from builder.smoke.probes.frames import frame
from builder.smoke.probes.promise import Promise

SUBJECT = Digest.of(b"the image")
PROBE = Digest.of(b"the probe")
POLICY = Digest.of(b"the policy")
NOW = datetime(2026, 11, 21, 12, 0, 0, tzinfo=UTC)


def cell(**changes: Any) -> Cell:
    values: dict[str, Any] = {
        "source": Source.WHEELS,
        "cuda": "13.0.2",
        "flavor": Flavor.BASE,
        "os": "debian12",
        "platform": Platform("linux", "amd64"),
        "python": "3.11",
        "components": ("cudart",),
    }
    return Cell(**values | changes)


def promise(level: Level = Level.GPU, **changes: Any) -> str:
    return expectation(cell(**changes), level=level)


def check(status: Status = Status.PASSED, name: str = "platform.os") -> Check:
    return Check(name, "the operating system is the one in the tag", status, 12, "Debian")


def receipt(**changes: Any) -> Receipt:
    values: dict[str, Any] = {
        "subject": SUBJECT,
        "level": Level.GPU,
        "passed": True,
        "probe": PROBE,
        "policy": POLICY,
        "checks": (check(),),
        "when": NOW,
        "host": {"gpu": "NVIDIA H200", "capability": "9.0", "driver": "580.159.04"},
    }
    return Receipt(**values | changes)


def messages(text: str) -> list[dict[str, Any]]:
    """What the probe reports of an image that keeps this promise."""
    names = [check.id for check in demanded(Promise.parse(json.loads(text)))]
    result = {"status": "passed", "detail": "as promised", "milliseconds": 1, "facts": {}}
    results = [{"done": name, **result} for name in names]
    return [{"begin": hashlib.sha256(text.encode()).hexdigest()}, *results, {"end": len(results)}]


def run(report: list[dict[str, Any]], **changes: Any) -> ProbeRun:
    values: dict[str, Any] = {
        "exit": 0,
        "stdout": b"".join(frame(message) for message in report),
        "engine_error": "",
        "seconds": 3.0,
    }
    return ProbeRun(**values | changes)
