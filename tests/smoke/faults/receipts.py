"""Faults in receipts, in their statements, and in what they add up to."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from builder.model.cell import Level
from builder.model.digest import Digest
from builder.model.policy import Allowance, Demand, Policy, Profile
from builder.model.receipt import Receipt, Status

from ..samples import NOW, check, receipt
from .fault import PolicyFault, ReceiptFault, StatementFault

_OTHER = Digest.of(b"another")


def _set(value: Any, *path: str) -> Callable[[dict[str, Any]], None]:
    def spoil(data: dict[str, Any]) -> None:
        for key in path[:-1]:
            data = data[key]
        data[path[-1]] = value

    return spoil


def _failed_as_passed(data: dict[str, Any]) -> None:
    predicate = data["predicate"]
    predicate["checks"][0]["status"] = "failed"
    predicate["passedTests"], predicate["failedTests"] = [], [predicate["checks"][0]["id"]]


def _emptied(data: dict[str, Any]) -> None:
    data["predicate"] |= {"checks": [], "passedTests": []}


STATEMENTS = (
    StatementFault("other-type", "a statement of another version", ("in-toto",), _set("v0.1", "_type")),
    StatementFault(
        "other-predicate", "provenance instead of a test result", ("in-toto",), _set("slsa", "predicateType")
    ),
    StatementFault("no-subject", "a statement about nothing", ("in-toto",), _set([], "subject")),
    StatementFault("two-subjects", "a statement about two images", ("in-toto",), _set([{}, {}], "subject")),
    StatementFault(
        "warned",
        "a result that is neither passed nor failed",
        ("predicate",),
        _set("WARNED", "predicate", "result"),
    ),
    StatementFault(
        "hidden-failure",
        "a failed test left out of the list",
        ("contradicts",),
        _set([], "predicate", "passedTests"),
    ),
    StatementFault("passed-by-hand", "FAILED edited to PASSED", ("PASSED",), _failed_as_passed),
    StatementFault("no-checks", "PASSED with no checks", ("PASSED",), _emptied),
)


RECEIPTS = (
    ReceiptFault("other-digest", "a receipt for another digest", ("it is for",), {"subject": _OTHER}),
    ReceiptFault("other-probe", "a receipt of another probe", ("another probe",), {"probe": _OTHER}),
    ReceiptFault("other-policy", "a receipt under another policy", ("another policy",), {"policy": _OTHER}),
    ReceiptFault(
        "cpu-level",
        "a receipt of level cpu where gpu is required",
        ("its level is cpu",),
        {"level": Level.CPU},
    ),
    ReceiptFault("not-passed", "a receipt that says failed", ("it failed",), {"passed": False}),
    ReceiptFault(
        "failed-inside",
        "a passed receipt with a failed check",
        ("it failed",),
        {"checks": (check(Status.FAILED),)},
    ),
    ReceiptFault("empty", "a passed receipt with no checks", ("no checks",), {"checks": ()}),
    ReceiptFault("expired", "a receipt of 91 days", ("it expired",), {"when": NOW - timedelta(days=91)}),
    ReceiptFault(
        "from-the-future", "a receipt of tomorrow", ("from the future",), {"when": NOW + timedelta(days=1)}
    ),
)

_H200 = Demand(capability="9.0")
_A100 = Demand(capability="8.0")


def _receipts(*changes: dict[str, Any]) -> Callable[[Digest, datetime], tuple[Receipt, ...]]:
    return lambda policy, now: tuple(
        replace(receipt(policy=policy, when=now), **change) for change in changes
    )


def _host(gpu: str, capability: str, driver: str = "580.159.04") -> dict[str, Any]:
    return {"host": {"gpu": gpu, "capability": capability, "driver": driver}}


POLICIES = (
    PolicyFault("no-receipt", "no receipt at all", ("there is no receipt",)),
    PolicyFault(
        "none-counts",
        "two receipts, none of which counts",
        ("it failed", "its level is cpu"),
        receipts=_receipts({"passed": False}, {"level": Level.CPU}),
    ),
    PolicyFault(
        "missing-gpu",
        "tested on one of two demanded GPUs",
        ("not tested on cc 8.0",),
        Policy(demands=(_H200, _A100)),
        _receipts(_host("NVIDIA H200", "9.0")),
    ),
    PolicyFault(
        "expired-half",
        "the receipt of the second GPU expired",
        ("not tested on cc 8.0",),
        Policy(demands=(_H200, _A100)),
        _receipts(
            _host("NVIDIA H200", "9.0"), _host("NVIDIA A100", "8.0") | {"when": NOW - timedelta(days=99)}
        ),
    ),
    PolicyFault(
        "failed-half",
        "the test on the second GPU failed",
        ("not tested on cc 8.0",),
        Policy(demands=(_H200, _A100)),
        _receipts(_host("NVIDIA H200", "9.0"), _host("NVIDIA A100", "8.0") | {"passed": False}),
    ),
    PolicyFault(
        "other-name",
        "another GPU of the same capability",
        ("not tested on gpu *L40S*",),
        Policy(demands=(Demand(gpu="*L40S*", capability="8.9"),)),
        _receipts(_host("NVIDIA L4", "8.9")),
    ),
    PolicyFault(
        "other-driver",
        "tested with the newest driver only",
        ("not tested on cc 9.0 driver 580",),
        Policy(demands=(Demand(capability="9.0", driver="580"),)),
        _receipts(_host("NVIDIA H200", "9.0", "615.71.09")),
    ),
    PolicyFault(
        "driver-prefix",
        "a driver branch that only begins alike",
        ("driver 58",),
        Policy(demands=(Demand(driver="58"),)),
        _receipts(_host("NVIDIA H200", "9.0")),
    ),
    PolicyFault(
        "mixed-hosts",
        "GPU of one host, driver of another",
        ("not tested on cc 9.0 driver 615",),
        Policy(demands=(Demand(capability="9.0", driver="615"),)),
        _receipts(_host("NVIDIA H200", "9.0"), _host("NVIDIA L4", "8.9", "615.71.09")),
    ),
    PolicyFault(
        "unresolved",
        "a demand for the oldest driver that was never looked up",
        ("driver oldest",),
        Policy(demands=(Demand(driver="oldest"),)),
        _receipts({}),
    ),
    PolicyFault(
        "other-profile",
        "a quick test where a full one is asked for",
        ("another policy",),
        Policy(profile=Profile.FULL),
        _receipts({"policy": Policy().digest}),
    ),
    PolicyFault(
        "other-allowances",
        "judged with an allowance that is gone",
        ("another policy",),
        receipts=_receipts({"policy": Policy(allowed=(Allowance("work.compile", "slow"),)).digest}),
    ),
)
