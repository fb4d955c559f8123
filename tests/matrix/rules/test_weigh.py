from typing import Any

from builder.model.finding import Severity
from tests.matrix.samples import HEAD, findings, parsed, text

AXES = {"cuda": "12.6.3", "os": ["ubuntu20.04", "ubuntu24.04"], "flavor": ["base", "devel"]}


def _weighed(rule: str, *entries: dict[str, Any], **parts: Any) -> dict[Severity, set[str]]:
    rules = [{"id": rule, "reason": "x", **entry} for entry in entries]
    found = findings(parsed(text({**HEAD, "axes": AXES, "rules": rules, **parts})))
    weighed: dict[Severity, set[str]] = {}
    for finding in found:
        if finding.rule == rule:
            weighed.setdefault(finding.severity, set()).update(finding.subjects)
    return weighed


BASE, DEVEL = "12.6.3-base-ubuntu20.04-py3.8", "12.6.3-devel-ubuntu20.04-py3.8"


def test_a_rule_has_its_own_severity() -> None:
    assert _weighed("os-eol") == {Severity.WARNING: {BASE, DEVEL}}


def test_a_rule_can_be_silenced() -> None:
    assert _weighed("os-eol", {"severity": "silent"}) == {}


def test_a_rule_can_be_raised() -> None:
    assert _weighed("os-eol", {"severity": "error"}) == {Severity.ERROR: {BASE, DEVEL}}


def test_a_match_splits_a_finding() -> None:
    weighed = _weighed("os-eol", {"severity": "silent", "match": {"flavor": "devel"}})
    assert weighed == {Severity.WARNING: {BASE}}
    weighed = _weighed("os-eol", {"severity": "note", "match": {"platform": "linux/arm64"}})
    assert weighed == {
        Severity.WARNING: {f"{BASE} (linux/amd64)", f"{DEVEL} (linux/amd64)"},
        Severity.NOTE: {f"{BASE} (linux/arm64)", f"{DEVEL} (linux/arm64)"},
    }


def test_the_last_entry_that_matches_wins() -> None:
    weighed = _weighed("os-eol", {"severity": "error"}, {"severity": "note", "match": {"flavor": "devel"}})
    assert weighed == {Severity.ERROR: {BASE}, Severity.NOTE: {DEVEL}}


def test_a_finding_about_no_cell_is_silenced_by_an_entry_without_a_match_only() -> None:
    exclude = [{"match": {"os": "debian12"}, "reason": "x"}]
    assert _weighed("dead-exclude", {"severity": "silent"}, exclude=exclude) == {}
    kept = _weighed("dead-exclude", {"severity": "silent", "match": {"os": "*"}}, exclude=exclude)
    assert set(kept) == {Severity.ERROR}


def test_a_firm_rule_keeps_its_severity() -> None:
    tags = {"release": "{os}-{epoch:%Y%m%d}"}
    assert set(_weighed("tag-collision", {"severity": "silent"}, tags=tags)) == {Severity.ERROR}


def test_a_stale_lock_can_be_raised() -> None:
    loaded = parsed(
        text({**HEAD, "axes": AXES, "rules": [{"id": "os-eol", "severity": "note", "reason": "x"}]})
    )
    assert all(finding.severity is not Severity.ERROR for finding in findings(loaded))
