"""From what the probe printed to a receipt. Nothing that was not shown counts as shown."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from builder.model.cell import Level
from builder.model.digest import Digest
from builder.model.probe import ProbeRun
from builder.model.receipt import Check, Receipt, Status
from builder.smoke.probes.checks import demanded
from builder.smoke.probes.frames import frames
from builder.smoke.probes.promise import Promise

COMPLETE = "probe.complete"
_TAIL = 1500
# A process that died of signal N exits with 128 + N, says the shell, and engines do as it does.
_SIGNALS = 128


def verdict(
    run: ProbeRun,
    *,
    promise: str,
    subject: Digest,
    probe: Digest,
    policy: Digest,
    allowed: Mapping[str, str],
    host: Mapping[str, str],
    when: datetime,
) -> Receipt:
    """Judge a run of the probe.

    `promise` is the JSON text that the probe was given: results under any other text are not counted.
    `allowed` names the checks that may be skipped, each with a reason. `host` holds the facts that the engine
    knows; the probe's own are added to them. An image without CUDA has nothing to show at level gpu.
    """
    expected = Promise.parse(_object(promise))
    reported = _between(run.stdout, promise)
    results = {str(message["done"]): message for message in reported if "done" in message}
    checks = (
        _complete(run, reported),
        *(_check(check.id, check.proves, results.get(check.id), allowed) for check in demanded(expected)),
    )
    facts = {str(key): str(value) for message in results.values() for key, value in _facts(message).items()}
    return Receipt(
        subject=subject,
        level=Level.GPU if expected.gpu else Level.CPU,
        passed=len(checks) > 1 and all(_counts(check, allowed) for check in checks),
        probe=probe,
        policy=policy,
        checks=checks,
        when=when.replace(microsecond=0),
        host=MappingProxyType({**facts, **host}),
    )


def _between(content: bytes, promise: str) -> list[dict[str, Any]]:
    """The frames after the beginning that answers to this promise, its own end included."""
    wanted = hashlib.sha256(promise.encode()).hexdigest()
    reported: list[dict[str, Any]] | None = None
    for message in frames(content):
        if message.get("begin") == wanted:
            reported = []
        elif reported is not None:
            reported.append(message)
            if "end" in message:
                break
    return reported or []


def _check(name: str, proves: str, message: Mapping[str, Any] | None, allowed: Mapping[str, str]) -> Check:
    match message:
        case None:
            return Check(name, proves, Status.FAILED, 0, "not reported")
        case {
            "status": "passed" | "failed" | "skipped" as status,
            "detail": str(detail),
            "milliseconds": int(milliseconds),
        } if milliseconds >= 0:
            reason = allowed.get(name, "")
            allowance = f"; allowed: {reason}" if status == "skipped" and reason else ""
            return Check(name, proves, Status(status), milliseconds, detail + allowance)
        case _:
            return Check(name, proves, Status.FAILED, 0, "reported in a form that is not ours")


def _counts(check: Check, allowed: Mapping[str, str]) -> bool:
    match check.status:
        case Status.PASSED:
            return True
        case Status.SKIPPED:
            return bool(allowed.get(check.id))
        case Status.FAILED:
            return False


def _complete(run: ProbeRun, reported: list[dict[str, Any]]) -> Check:
    names = [message["done"] for message in reported if "done" in message]
    twice = sorted({str(name) for name in names if names.count(name) > 1})
    ended = bool(reported) and reported[-1].get("end") == len(names)
    if run.exit or run.timed_out or not ended:
        status, detail = Status.FAILED, _why(run)
    elif twice:
        status, detail = Status.FAILED, f"reported twice: {', '.join(twice)}"
    else:
        status, detail = Status.PASSED, f"{len(names)} checks"
    return Check(COMPLETE, "the probe ran in the image to its end", status, round(run.seconds * 1000), detail)


def _why(run: ProbeRun) -> str:
    said = run.engine_error.strip() or run.stdout.decode("utf-8", "replace").strip()
    how = f"ended by force after {run.seconds:.0f} s" if run.timed_out else _exit(run.exit)
    return f"{how}: {said[-_TAIL:]}" if said else how


def _exit(code: int) -> str:
    match code:
        case 0:
            return "exited without a report"
        case 125:
            return "the engine could not start the container"
        case 126 | 127:
            return "there is no python3 that can be run"
        case 137:
            return "killed, as when it runs out of memory"
        case _ if code > _SIGNALS:
            return f"python died of signal {code - _SIGNALS}"
        case _:
            return f"exited with {code}"


def _facts(message: Mapping[str, Any]) -> Mapping[str, Any]:
    facts = message.get("facts")
    return facts if isinstance(facts, Mapping) else {}


def _object(text: str) -> dict[str, Any]:
    data = json.loads(text)
    if not isinstance(data, dict):
        raise TypeError("a promise is a JSON object")
    return data
