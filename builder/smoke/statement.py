"""Receipts as in-toto Statements with the test-result predicate.

The predicate has all of its own properties, so that any in-toto verifier can read the outcome; `level`,
`checks`, `host` and `finishedOn` are added to them, which the framework's parsing rules allow.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from builder.model.cell import Level
from builder.model.digest import Digest
from builder.model.receipt import Check, Receipt, Status

STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE = "https://in-toto.io/attestation/test-result/v0.1"
MEDIA_TYPE = "application/vnd.in-toto+json"
ARTIFACT_TYPE = "application/vnd.cuda-image-builder.receipt.v1+json"
ANNOTATIONS: Mapping[str, str] = MappingProxyType({"in-toto.io/predicate-type": PREDICATE_TYPE})

_LISTS = {"passedTests": Status.PASSED, "warnedTests": Status.SKIPPED, "failedTests": Status.FAILED}


def statement(receipt: Receipt) -> bytes:
    """The statement's canonical JSON: sorted keys, no spaces, UTF-8."""
    lists = {name: list(receipt.ids(status)) for name, status in _LISTS.items()}
    predicate = {
        "result": "PASSED" if receipt.passed else "FAILED",
        "configuration": [_resource("probe", receipt.probe), _resource("policy", receipt.policy)],
        **lists,
        "level": str(receipt.level),
        "checks": [
            {
                "id": check.id,
                "proves": check.proves,
                "status": str(check.status),
                "milliseconds": check.milliseconds,
                "detail": check.detail,
            }
            for check in receipt.checks
        ],
        "host": dict(receipt.host),
        "finishedOn": receipt.when.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    data = {
        "_type": STATEMENT_TYPE,
        "subject": [{"digest": {receipt.subject.algorithm: receipt.subject.hex}}],
        "predicateType": PREDICATE_TYPE,
        "predicate": predicate,
    }
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def parse(content: bytes) -> Receipt:
    """Read a statement that `statement` wrote.

    Raises:
        ValueError: for anything else, and for one that contradicts itself.
    """
    match _load(content):
        case {
            "_type": "https://in-toto.io/Statement/v1",
            "predicateType": "https://in-toto.io/attestation/test-result/v0.1",
            "subject": [{"digest": dict(digest)}],
            "predicate": dict(predicate),
        }:
            return _receipt(_digest(digest), predicate)
        case _:
            raise ValueError("not an in-toto statement v1 with one subject and a test-result predicate")


def _load(content: bytes) -> Any:
    try:
        return json.loads(content)
    except RecursionError as error:
        raise ValueError("the statement is nested too deeply") from error


def _receipt(subject: Digest, predicate: Mapping[str, Any]) -> Receipt:
    match predicate:
        case {
            "result": "PASSED" | "FAILED" as result,
            "configuration": [
                {"name": "probe", "digest": dict(probe)},
                {"name": "policy", "digest": dict(policy)},
            ],
            "level": str(level),
            "checks": list(checks),
            "host": dict(host),
            "finishedOn": str(when),
        }:
            pass
        case _:
            raise ValueError("the test-result predicate is none of ours: a property is missing or mistyped")
    receipt = Receipt(
        subject=subject,
        level=Level(level),
        passed=result == "PASSED",
        probe=_digest(probe),
        policy=_digest(policy),
        checks=tuple(_check(check) for check in checks),
        when=datetime.strptime(when, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC),
        host=_texts(host),
    )
    for name, status in _LISTS.items():
        if predicate.get(name) != list(receipt.ids(status)):
            raise ValueError(f"{name} contradicts the checks")
    if receipt.passed and (not receipt.checks or receipt.ids(Status.FAILED)):
        raise ValueError("the result is PASSED, but the checks do not say so")
    return receipt


def _check(data: object) -> Check:
    match data:
        case {
            "id": str(name),
            "proves": str(proves),
            "status": str(status),
            "milliseconds": int(milliseconds),
            "detail": str(detail),
        } if milliseconds >= 0:
            return Check(name, proves, Status(status), milliseconds, detail)
        case _:
            raise ValueError("a check needs id, proves, status, milliseconds and detail")


def _resource(name: str, digest: Digest) -> dict[str, Any]:
    return {"name": name, "digest": {digest.algorithm: digest.hex}}


def _digest(data: Mapping[str, Any]) -> Digest:
    if len(data) != 1:
        raise ValueError("a digest set with one algorithm was expected")
    (algorithm, value), *_ = data.items()
    return Digest.parse(f"{algorithm}:{value}")


def _texts(data: Mapping[str, Any]) -> Mapping[str, str]:
    if not all(isinstance(value, str) for value in data.values()):
        raise ValueError("host facts are texts")
    return MappingProxyType(dict(data))
