"""All rules, and what they say together."""

from collections.abc import Iterable
from dataclasses import replace

from builder.matrix.rules.app import app_context_unknown, app_file_missing
from builder.matrix.rules.base import (
    base_deletion_forecast,
    base_eol,
    base_platform_missing,
    base_tag_unknown,
    cuda_never_released,
    cudnn_naming,
    cudnn_unavailable,
    deprecated_repository,
    os_eol,
    repo_key_unknown,
    repo_key_wrong,
)
from builder.matrix.rules.conda import conda_file_contradicts, conda_file_invalid, conda_impossible
from builder.matrix.rules.host import demand_impossible, driver_floor, gpu_not_covered, hosts_unreachable
from builder.matrix.rules.names import (
    floating_tag,
    no_latest,
    tag_collision,
    tag_invalid,
    tag_mutable_template,
)
from builder.matrix.rules.registry import (
    base_moved,
    base_not_found,
    base_without_platform,
    budget_exceeded,
    image_drifted,
    latest_published,
    locked_base_lost,
    mirrors_disagree,
    push_refused,
    registry_unavailable,
    release_tag_taken,
)
from builder.matrix.rules.rule import Context, Hit, Rule
from builder.matrix.rules.shape import (
    dead_exclude,
    dead_silence,
    empty_matrix,
    exclude_without_reason,
    expired_exclude,
    lock_stale,
    platform_dropped,
    platforms_differ,
    unknown_value,
)
from builder.matrix.rules.weigh import weigh
from builder.matrix.rules.wheel import (
    component_drift,
    cuda_libs_duplicated,
    glibc_too_old,
    python_from_os,
    python_needed,
    torch_arch_missing,
    torch_cuda_mismatch,
    torch_pair,
    torch_python_mismatch,
    uv_impossible,
    wheels_incomplete,
)
from builder.model.finding import Finding

_MODULES = (
    app_context_unknown,
    app_file_missing,
    base_deletion_forecast,
    base_eol,
    base_moved,
    base_not_found,
    base_platform_missing,
    base_tag_unknown,
    base_without_platform,
    budget_exceeded,
    component_drift,
    conda_file_contradicts,
    conda_file_invalid,
    conda_impossible,
    cuda_libs_duplicated,
    cuda_never_released,
    cudnn_naming,
    cudnn_unavailable,
    dead_exclude,
    demand_impossible,
    deprecated_repository,
    driver_floor,
    empty_matrix,
    exclude_without_reason,
    expired_exclude,
    floating_tag,
    glibc_too_old,
    gpu_not_covered,
    hosts_unreachable,
    image_drifted,
    latest_published,
    lock_stale,
    locked_base_lost,
    mirrors_disagree,
    no_latest,
    os_eol,
    platform_dropped,
    platforms_differ,
    push_refused,
    python_from_os,
    python_needed,
    registry_unavailable,
    release_tag_taken,
    repo_key_unknown,
    repo_key_wrong,
    tag_collision,
    tag_invalid,
    tag_mutable_template,
    torch_arch_missing,
    torch_cuda_mismatch,
    torch_pair,
    torch_python_mismatch,
    unknown_value,
    uv_impossible,
    wheels_incomplete,
)
_ONLINE = tuple(module.RULE for module in _MODULES if module.RULE.online)
_JUDGES = tuple(module.RULE for module in _MODULES if not module.RULE.online)
_WATCH = dead_silence.checker((*_JUDGES, *_ONLINE))

RULES: tuple[Rule, ...] = tuple(sorted((*_JUDGES, *_ONLINE, _WATCH), key=lambda rule: rule.id))


def judge(context: Context) -> tuple[Finding, ...]:
    """Every finding of every rule that needs no registry, with the weight that the matrix gives it.

    They are in the order of their lines, as those of `judge_survey` are.
    """
    hits = [(rule, hit) for rule in _JUDGES for hit in rule.check(context)]
    watched = replace(context, hits=tuple((rule.id, hit) for rule, hit in hits))
    return _weighed(context, [*hits, *((_WATCH, hit) for hit in _WATCH.check(watched))])


def judge_survey(context: Context) -> tuple[Finding, ...]:
    """Every finding of the rules that look at what registries say."""
    return _weighed(context, [(rule, hit) for rule in _ONLINE for hit in rule.check(context)])


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings in the order of their lines."""
    return tuple(sorted(findings, key=_order))


def _weighed(context: Context, hits: Iterable[tuple[Rule, Hit]]) -> tuple[Finding, ...]:
    return in_order(
        Finding(rule.id, severity, hit.message, hit.fix, hit.where, context.subjects(cells))
        for rule, hit in hits
        for severity, cells in weigh(rule, hit, context.matrix.rules).items()
    )


def find(id: str) -> Rule | None:  # noqa: A002  it is the field's name
    """The rule of this id."""
    return next((rule for rule in RULES if rule.id == id), None)


def _order(finding: Finding) -> tuple[int, int, str, str]:
    line, column = (finding.where.line, finding.where.column) if finding.where else (0, 0)
    return line, column, finding.rule, finding.message
