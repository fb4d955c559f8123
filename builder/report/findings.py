"""Findings as text, JSON, GitHub annotations and SARIF 2.1.0."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from builder import __version__
from builder.matrix.rules.catalog import find
from builder.model.finding import Finding, Severity
from builder.model.location import Location
from builder.report.workflow import workflow_command

Formatter = Callable[[Sequence[Finding]], str]

_GITHUB = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def text(findings: Sequence[Finding]) -> str:
    """For people: one finding a paragraph, then the count."""
    paragraphs = [paragraph(finding) for finding in findings]
    return "\n".join([*paragraphs, summary(findings)])


def summary(findings: Sequence[Finding]) -> str:
    """`2 errors, 1 warning`, or that there is nothing."""
    counts = [(sum(f.severity is severity for f in findings), severity) for severity in Severity]
    told = [f"{count} {severity}{'' if count == 1 else 's'}" for count, severity in counts if count]
    return ", ".join(told) or "nothing to report"


def as_json(findings: Sequence[Finding]) -> str:
    """A JSON array of findings."""
    return json.dumps([_data(finding) for finding in findings], indent=2)


def github(findings: Sequence[Finding]) -> str:
    """Workflow commands, which GitHub shows as annotations on the lines."""
    return "\n".join(_command(finding) for finding in findings)


def sarif(findings: Sequence[Finding]) -> str:
    """A SARIF log, as code scanning takes it."""
    rules = sorted({finding.rule for finding in findings})
    results = [_result(finding, rules.index(finding.rule)) for finding in findings]
    driver = {
        "name": "cuda-image-builder",
        "semanticVersion": __version__,
        "rules": [_rule(rule) for rule in rules],
    }
    log = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "results": results}],
    }
    return json.dumps(log, indent=2)


FORMATTERS: Mapping[str, Formatter] = {"text": text, "json": as_json, "github": github, "sarif": sarif}


def paragraph(finding: Finding) -> str:
    """One finding for people."""
    where = f"{finding.where}: " if finding.where else ""
    about = f"\n    about: {_some(finding.subjects)}" if finding.subjects else ""
    return f"{where}{finding.severity}: {finding.message} [{finding.rule}]{about}\n    fix: {finding.fix}"


def _some(subjects: tuple[str, ...], most: int = 4) -> str:
    rest = f" and {len(subjects) - most} more" if len(subjects) > most else ""
    return ", ".join(subjects[:most]) + rest


def _data(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "severity": str(finding.severity),
        "message": finding.message,
        "fix": finding.fix,
        "where": _place(finding.where),
        "subjects": list(finding.subjects),
    }


def _place(where: Location | None) -> dict[str, Any] | None:
    return {"file": where.file, "line": where.line, "column": where.column} if where else None


def _command(finding: Finding) -> str:
    where = finding.where
    place = {"file": where.file, "line": where.line, "col": where.column} if where else {}
    message = f"{finding.message}. {finding.fix}"
    return workflow_command(_GITHUB[finding.severity], message, **place, title=finding.rule)


def _rule(id: str) -> dict[str, Any]:  # noqa: A002  it is the field's name
    """What SARIF is told of a rule; mistakes in the text have none."""
    rule = find(id)
    if rule is None:
        return {"id": id, "shortDescription": {"text": "The text is no matrix."}}
    return {
        "id": id,
        "shortDescription": {"text": rule.what},
        "fullDescription": {"text": rule.why},
        "help": {"text": rule.fix},
        "defaultConfiguration": {"level": str(rule.severity)},
    }


def _result(finding: Finding, index: int) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": str(finding.severity),
        "message": {"text": f"{finding.message}. {finding.fix}"},
    }
    if finding.where:
        region = {"startLine": finding.where.line, "startColumn": finding.where.column}
        location = {"artifactLocation": {"uri": _uri(finding.where.file)}, "region": region}
        result["locations"] = [{"physicalLocation": location}]
    return result


def _uri(file: str) -> str:
    """A path as a reference: relative ones stay relative to the repository."""
    path = PurePath(file)
    return path.as_uri() if path.is_absolute() else quote(path.as_posix())
