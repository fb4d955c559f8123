"""Every rule finds its planted fault at its line, is silent once that is mended, and on a clean matrix."""

from dataclasses import replace

import pytest

from builder.matrix.conda.file import NO_FILE, parse
from builder.matrix.expansion.expand import expand
from builder.matrix.lock import Lock, LockedWheel
from builder.matrix.rules.catalog import RULES
from builder.matrix.text.load import Loaded
from builder.model.digest import Digest
from builder.model.finding import Finding, Severity
from tests.matrix.rules import apps, bases, conda, hosts, names, shapes, wheels
from tests.matrix.rules.fault import HERE, Fault
from tests.matrix.samples import CLEAN, dockerfiles, findings, lock_for, parsed, text

FAULTS: tuple[Fault, ...] = (
    *apps.FAULTS,
    *bases.FAULTS,
    *conda.FAULTS,
    *hosts.FAULTS,
    *names.FAULTS,
    *shapes.FAULTS,
    *wheels.FAULTS,
)
SEVERITIES = {rule.id: rule.severity for rule in RULES}
ENVIRONMENT = "environment.yml"
# Its faults are in the lock, which has no text here.
IN_THE_LOCK = {"lock-stale"}


def _of(rule: str, found: tuple[Finding, ...]) -> list[Finding]:
    return [finding for finding in found if finding.rule == rule]


def _parsed(content: str) -> Loaded:
    return parsed(content.replace(HERE, "").encode())


def _findings(fault: Fault) -> tuple[Finding, ...]:
    return findings(
        _parsed(fault.text),
        today=fault.today,
        sources=dockerfiles(**fault.dockerfiles),
        environment=parse(fault.environment.replace(HERE, "").encode(), ENVIRONMENT)
        if fault.environment
        else NO_FILE,
    )


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault.rule}: {fault.said[:40]}")
def test_finds_the_planted_fault(fault: Fault) -> None:
    found = _of(fault.rule, _findings(fault))
    hits = [finding for finding in found if fault.said in finding.message]
    assert hits, [finding.message for finding in found]
    expected = Severity.WARNING if fault.doubtful else SEVERITIES[fault.rule]
    assert {finding.severity for finding in hits} == {expected}
    assert all(finding.fix for finding in hits)
    if fault.line:
        assert fault.line in {finding.where.line for finding in hits if finding.where}
    if fault.environment:
        assert {finding.where.file for finding in hits if finding.where} == {ENVIRONMENT}
        assert all(finding.subjects for finding in hits)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault.rule}: {fault.said[:40]}")
def test_is_silent_once_the_fault_is_mended(fault: Fault) -> None:
    assert _of(fault.rule, _findings(fault.mended)) == []


def test_every_rule_has_a_planted_fault() -> None:
    assert {fault.rule for fault in FAULTS} | IN_THE_LOCK == {rule.id for rule in RULES if not rule.online}


@pytest.mark.parametrize("rule", [rule.id for rule in RULES])
def test_is_silent_on_a_clean_matrix(rule: str) -> None:
    assert _of(rule, findings(parsed(text(CLEAN)))) == []


def test_a_clean_matrix_has_no_finding_at_all() -> None:
    assert findings(parsed(text(CLEAN))) == ()


def test_a_lock_without_a_base_or_wheels_is_stale() -> None:
    loaded = parsed(text(CLEAN))
    full = lock_for(loaded, expand(loaded))
    without_base = _of("lock-stale", findings(loaded, lock=replace(full, bases={})))
    assert [finding.message for finding in without_base] == [
        f"the lock does not have nvcr.io/nvidia/cuda:13.2.1-base-ubuntu24.04 for linux/{arch}"
        for arch in ("amd64", "arm64")
    ]
    without_wheels = _of("lock-stale", findings(loaded, lock=replace(full, wheels={})))
    assert len(without_wheels) == 2
    assert {finding.severity for finding in (*without_base, *without_wheels)} == {Severity.WARNING}


def test_a_base_that_is_locked_for_one_platform_only_is_stale() -> None:
    loaded = parsed(text(CLEAN))
    full = lock_for(loaded, expand(loaded))
    (name, base), *_ = full.bases.items()
    half = {
        platform: digest for platform, digest in base.platforms.items() if platform.architecture == "amd64"
    }
    found = _of(
        "lock-stale", findings(loaded, lock=replace(full, bases={name: replace(base, platforms=half)}))
    )
    assert [finding.message for finding in found] == [f"the lock does not have {name} for linux/arm64"]


def test_a_newer_part_in_the_lock_is_drift() -> None:
    included = {"cuda": "13.0.2", "os": "debian13", "flavor": "devel", "source": "wheels"}
    data = {**CLEAN, "axes": {"platform": "linux/amd64"}, "include": [included]}
    loaded = parsed(text(data))
    full = lock_for(loaded, expand(loaded))
    (name,) = full.wheels
    drifted: dict[str, Lock] = {
        version: replace(full, wheels={name: (LockedWheel("nvidia-cuda-crt", version, Digest.of(b"")),)})
        for version in ("13.0.88", "13.2.51")
    }
    assert _of("component-drift", findings(loaded, lock=drifted["13.0.88"])) == []
    (found,) = _of("component-drift", findings(loaded, lock=drifted["13.2.51"]))
    assert found.message == "the lock has nvidia-cuda-crt 13.2.51 for CUDA 13.0.2"
