"""check --offline: what the rules say of a matrix. No client of a registry is even loaded."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from builder.model.errors import ExitCode
from builder.model.finding import Finding, Severity
from builder.pipeline.inputs.project import read


@dataclass(frozen=True, slots=True)
class Report:
    """All findings, in the order of their lines, and what the process ends with."""

    findings: tuple[Finding, ...]
    code: ExitCode


def check_offline(file: Path, today: date) -> Report:
    """Check a matrix without asking any registry.

    Raises:
        MatrixError: (2) when the text is no matrix.
    """
    findings = read(file, today).findings
    return Report(findings, ExitCode.FINDINGS if failing(findings) else ExitCode.DONE)


def failing(findings: Sequence[Finding]) -> frozenset[str]:
    """The ids of the rules that found errors."""
    return frozenset(finding.rule for finding in findings if finding.severity is Severity.ERROR)
