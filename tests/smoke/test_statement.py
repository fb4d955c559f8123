"""Receipts survive the registry, and nothing else passes for one."""

import json
import string
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builder.model.cell import Level
from builder.model.digest import Digest
from builder.model.receipt import Check, Receipt, Status
from builder.smoke.statement import parse, statement

from .samples import NOW, check, receipt

texts = st.text(st.characters(codec="utf-8"), max_size=20)
digests = st.binary(max_size=4).map(Digest.of)
checks = st.builds(
    Check,
    id=st.text(string.ascii_lowercase, min_size=1, max_size=5),
    proves=texts,
    status=st.sampled_from([Status.PASSED, Status.SKIPPED]),
    milliseconds=st.integers(0, 10**9),
    detail=texts,
)
receipts = st.builds(
    Receipt,
    subject=digests,
    level=st.sampled_from(Level),
    passed=st.just(value=True),
    probe=digests,
    policy=digests,
    checks=st.lists(checks, min_size=1, max_size=4).map(tuple),
    when=st.just(NOW),
    host=st.dictionaries(texts, texts, max_size=3),
)


@given(receipts)
def test_what_is_written_is_read(original: Receipt) -> None:
    content = statement(original)
    assert parse(content) == original
    assert statement(parse(content)) == content


def test_other_verifiers_find_the_outcome_where_the_predicate_says() -> None:
    skipped, failed = check(Status.SKIPPED, "b"), check(Status.FAILED, "c")
    data = json.loads(statement(receipt(checks=(check(name="a"), skipped, failed), passed=False)))
    assert data["_type"] == "https://in-toto.io/Statement/v1"
    assert data["predicateType"] == "https://in-toto.io/attestation/test-result/v0.1"
    assert data["subject"][0]["digest"]["sha256"] == receipt().subject.hex
    predicate = data["predicate"]
    assert predicate["result"] == "FAILED"
    lists = [predicate["passedTests"], predicate["warnedTests"], predicate["failedTests"]]
    assert lists == [["a"], ["b"], ["c"]]


def _without(*path: str) -> bytes:
    data = json.loads(statement(receipt()))
    inner = data
    for key in path[:-1]:
        inner = inner[key]
    del inner[path[-1]]
    return json.dumps(data).encode()


def _with(value: Any, *path: str) -> bytes:
    data = json.loads(statement(receipt()))
    inner = data
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return json.dumps(data).encode()


@pytest.mark.parametrize("key", ["_type", "subject", "predicateType", "predicate"])
def test_a_statement_without_a_property_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match="in-toto statement"):
        parse(_without(key))


@pytest.mark.parametrize(
    "key", ["result", "configuration", "level", "checks", "host", "finishedOn", "passedTests", "failedTests"]
)
def test_a_predicate_without_a_property_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match=r"predicate|contradicts"):
        parse(_without("predicate", key))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"null",
        b"[]",
        b"\xff\xfe",
        b"[" * 100_000,
        _with("https://in-toto.io/Statement/v0.1", "_type"),
        _with("https://slsa.dev/provenance/v1", "predicateType"),
        _with([], "subject"),
        _with([{"digest": {"sha256": "abc"}}], "subject"),
        _with([{"digest": {"sha256": "a" * 64, "sha512": "b" * 128}}], "subject"),
        _with("WARNED", "predicate", "result"),
        _with("FAILED", "predicate", "passedTests"),
        _with(["platform.os", "work.matmul"], "predicate", "passedTests"),
        _with("tpu", "predicate", "level"),
        _with("yesterday", "predicate", "finishedOn"),
        _with({"gpu": 1}, "predicate", "host"),
        _with([], "predicate", "checks"),
        _with([{"id": "a"}], "predicate", "checks"),
        _with([], "predicate", "configuration"),
    ],
)
def test_what_is_no_receipt_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  each message is the parser's own
        parse(content)


def test_passed_without_checks_contradicts_itself() -> None:
    with pytest.raises(ValueError, match="PASSED"):
        parse(statement(receipt(checks=())))


def test_passed_with_a_failed_check_contradicts_itself() -> None:
    with pytest.raises(ValueError, match="PASSED"):
        parse(statement(receipt(checks=(check(Status.FAILED),))))


@given(st.binary(max_size=200) | st.text().map(str.encode))
def test_noise_is_refused_and_never_crashes(content: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        parse(content)
