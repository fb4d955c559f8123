"""How long a build took, by provenance of each version, and by what is none."""

import json

import pytest

from builder.release.statements.provenance import build_seconds, is_provenance
from tests.release.make import PROVENANCE, provenance

BEGAN, ENDED = "2026-11-21T14:35:14.53888579Z", "2026-11-21T14:38:30.09529934Z"


def statement(metadata: object) -> bytes:
    return json.dumps({"predicate": metadata}).encode()


def first(**times: object) -> bytes:
    """As SLSA 0.2 has it."""
    return statement({"metadata": times})


def second(**times: object) -> bytes:
    """As SLSA 1.0 has it."""
    return statement({"runDetails": {"metadata": times}})


@pytest.mark.parametrize(
    "told",
    [
        first(buildStartedOn=BEGAN, buildFinishedOn=ENDED, reproducible=False),
        second(invocationID="x", startedOn=BEGAN, finishedOn=ENDED),
    ],
)
def test_times_have_nanoseconds(told: bytes) -> None:
    assert build_seconds(told) == pytest.approx(195.556414, abs=1e-5)


@pytest.mark.parametrize(
    "told",
    [
        b"",
        b"[]",
        b"[" * 100_000,
        statement(None),
        first(),
        first(buildStartedOn=BEGAN),
        first(buildStartedOn=BEGAN, buildFinishedOn="soon"),
        first(buildStartedOn=1, buildFinishedOn=2),
        first(buildStartedOn=BEGAN.removesuffix("Z"), buildFinishedOn=ENDED),
        first(buildStartedOn=ENDED, buildFinishedOn=BEGAN),
        second(buildStartedOn=BEGAN, buildFinishedOn=ENDED),
    ],
)
def test_what_does_not_tell(told: bytes) -> None:
    assert build_seconds(told) is None


def test_planted_provenance_is_read_as_it_is_meant() -> None:
    assert build_seconds(provenance(12.5)) == 12.5
    assert is_provenance(PROVENANCE)
    assert not is_provenance("https://spdx.dev/Document")
