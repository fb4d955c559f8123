"""Before a bake: what registries say of the bases of what is missing, and of the pushes that are to follow.

A program that is needed after the builds is looked for here, too.

Where nothing is to be built nothing is asked.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from builder.engine import packages
from builder.matrix.expansion.bases import base_of
from builder.matrix.rules.catalog import judge_survey
from builder.matrix.rules.registry import (
    mirrors_disagree,
    push_refused,
    registry_unavailable,
    release_tag_taken,
)
from builder.matrix.survey import Found, Survey
from builder.model.errors import ExitCode, MatrixError
from builder.model.finding import Finding, Severity
from builder.pipeline.existing.survey import survey_builds
from builder.pipeline.inputs.prepare import Work
from builder.pipeline.staging.plan import Step
from builder.registry.client import Registry


@dataclass(frozen=True, slots=True)
class Cleared:
    """The steps, their bases where they are right now, and findings that stop nobody."""

    steps: tuple[Step, ...]
    findings: tuple[Finding, ...] = ()


def clear(registry: Registry, work: Work, steps: Sequence[Step], *, release: bool = False) -> Cleared:
    """Look at what has to hold before the missing builds begin; a `release` is to follow, or not.

    Raises:
        BuilderError: (10) when packages are to be listed and there is no Syft.
        MatrixError: (20 to 25) when something else does not; its findings say what.
    """
    missing = [step for step in steps if step.staged is None]
    if not missing:
        return Cleared(tuple(steps))
    if any(step.build.attestations.listed for step in missing):
        packages.program()
    matrix = work.project.matrix
    bases = {
        str(base.name): base for base in (base_of(matrix, step.cell) for step in missing if not step.cell.app)
    }
    seen = survey_builds(registry, work, bases, release=release)
    context = replace(work.project.context(work.terms.today), survey=seen)
    findings = tuple(map(_weighed, judge_survey(context)))
    if stopping := tuple(finding for finding in findings if finding.severity is Severity.ERROR):
        raise MatrixError(_code({finding.rule for finding in stopping}, seen), stopping)
    return Cleared(tuple(_located(step, work, seen) for step in steps), findings)


def _weighed(finding: Finding) -> Finding:
    """Who only checks may lack the right to push; who builds needs it, whatever the matrix makes of it."""
    return replace(finding, severity=Severity.ERROR) if finding.rule == push_refused.RULE.id else finding


def _code(rules: Iterable[str], seen: Survey) -> ExitCode:
    """What stops everything comes before what stops some."""
    known = {
        registry_unavailable.RULE.id: next((trouble.code for trouble in seen.troubles), ExitCode.REGISTRY),
        push_refused.RULE.id: next((no.code for no in seen.refused.values()), ExitCode.REGISTRY),
        release_tag_taken.RULE.id: ExitCode.TAG_EXISTS,
        mirrors_disagree.RULE.id: ExitCode.DIGEST_MISMATCH,
    }
    return next((code for rule, code in known.items() if rule in rules), ExitCode.NOT_FOUND)


def _located(step: Step, work: Work, seen: Survey) -> Step:
    """The step with its base at the first place that has what is locked; apps have none of their own."""
    if step.staged or step.build.recipe.base is None:
        return step
    name = str(base_of(work.project.matrix, step.cell).name)
    locked = work.lock.bases[name]
    for place, answer in seen.bases[name].places.items():
        if isinstance(answer, Found) and answer.index == locked.index:
            base, tools = place.at(step.build.recipe.base), place.at(locked.index)
            return replace(step, build=replace(step.build, images={"base": base, "tools": tools}))
    return step
