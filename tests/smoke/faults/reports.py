"""Faults in what a container printed."""

from typing import Any

from .fault import ReportFault

Report = list[dict[str, Any]]
_ALL = "probe.complete"


def _change(position: int, **values: Any) -> Any:
    def spoil(report: Report) -> Report:
        return [
            {**message, **values} if number == position % len(report) else message
            for number, message in enumerate(report)
        ]

    return spoil


def _drop(position: int) -> Any:
    return lambda report: report[:position] + report[position + 1 :]


REPORTS = (
    ReportFault("no-output", "nothing printed", (_ALL,), spoil=lambda _report: []),
    ReportFault("missing-check", "one check not reported", ("platform.machine",), spoil=_drop(1)),
    ReportFault("failed-check", "one check failed", ("platform.os",), spoil=_change(2, status="failed")),
    ReportFault(
        "skipped-check",
        "one check skipped without an allowance",
        ("platform.os",),
        spoil=_change(2, status="skipped"),
    ),
    ReportFault(
        "skipped-without-reason",
        "one check skipped, its allowance without a reason",
        ("platform.os",),
        spoil=_change(2, status="skipped"),
        allowed={"platform.os": ""},
    ),
    ReportFault(
        "excused-failure",
        "one check failed that may be skipped",
        ("platform.os",),
        spoil=_change(2, status="failed"),
        allowed={"platform.os": "not here"},
    ),
    ReportFault("unknown-status", "a status that is none", ("platform.os",), spoil=_change(2, status="ok")),
    ReportFault(
        "negative-time",
        "a check that took less than no time",
        ("platform.os",),
        spoil=_change(2, milliseconds=-1),
    ),
    ReportFault("no-detail", "a result without its detail", ("platform.os",), spoil=_change(2, detail=None)),
    ReportFault("no-end", "the report breaks off", (_ALL,), spoil=lambda report: report[:-1]),
    ReportFault(
        "wrong-count", "the end counts other results than there are", (_ALL,), spoil=_change(-1, end=99)
    ),
    ReportFault(
        "reported-twice",
        "one check passed after it failed",
        (_ALL,),
        spoil=lambda report: [*report[:2], *report[1:]],
    ),
    ReportFault(
        "other-promise",
        "the answer to another promise",
        (_ALL, "platform.os"),
        spoil=_change(0, begin="0" * 64),
    ),
    ReportFault("no-begin", "results without a beginning", (_ALL, "platform.os"), spoil=_drop(0)),
    ReportFault("crash-at-end", "all checks passed, and python crashed", (_ALL,), run={"exit": 139}),
    ReportFault("killed", "all checks passed, and the container was killed", (_ALL,), run={"exit": 137}),
    ReportFault("timed-out", "all checks passed, and the time was over", (_ALL,), run={"timed_out": True}),
)
