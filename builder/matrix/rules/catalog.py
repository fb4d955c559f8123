"""All rules, and what they say together."""

from collections.abc import Iterable

from builder.matrix.rules import (
    dead_exclude,
    empty_matrix,
    exclude_without_reason,
    expired_exclude,
    lock_stale,
    platforms_differ,
    tag_collision,
    tag_invalid,
    tag_mutable_template,
    unknown_value,
    wheels_incomplete,
)
from builder.matrix.rules.rule import Context, Rule
from builder.model.finding import Finding

RULES: tuple[Rule, ...] = tuple(
    module.RULE
    for module in (
        dead_exclude,
        empty_matrix,
        exclude_without_reason,
        expired_exclude,
        lock_stale,
        platforms_differ,
        tag_collision,
        tag_invalid,
        tag_mutable_template,
        unknown_value,
        wheels_incomplete,
    )
)


def judge(context: Context, rules: Iterable[Rule] = RULES) -> tuple[Finding, ...]:
    """Every finding of these rules, in the order of the matrix's lines."""
    findings = [
        Finding(rule.id, hit.severity or rule.severity, hit.message, hit.fix, hit.where, hit.subjects)
        for rule in rules
        for hit in rule.check(context)
    ]
    return tuple(sorted(findings, key=_order))


def _order(finding: Finding) -> tuple[int, int, str, str]:
    line, column = (finding.where.line, finding.where.column) if finding.where else (0, 0)
    return line, column, finding.rule, finding.message
