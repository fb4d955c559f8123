"""check: what the rules say of a matrix, and of what registries say of it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from builder.matrix.rules.catalog import in_order, judge_survey
from builder.matrix.rules.registry import registry_unavailable
from builder.matrix.survey import Survey
from builder.model.errors import BuilderError, ExitCode
from builder.model.finding import Finding
from builder.pipeline.check_offline import Report, failing
from builder.pipeline.existing.survey import survey
from builder.pipeline.inputs.prepare import Work, narrow
from builder.pipeline.inputs.project import Project, read
from builder.registry.client import Registry

# What only says that the matrix cannot be built, which its findings say better.
_UNSOUND = (ExitCode.NOTHING_SELECTED, ExitCode.INCOMPATIBLE)


def check(file: Path, today: date) -> Report:
    """Check a matrix, with the registries' word.

    Raises:
        MatrixError: (2) when the text is no matrix.
    """
    project = read(file, today)
    with Registry() as registry:
        return check_online(registry, project, today)


def check_online(registry: Registry, project: Project, today: date) -> Report:
    """Check a project that was read."""
    context = project.context(today)
    bases = [base for base, _ in context.bases.values()]
    seen = survey(registry, project.matrix, bases, project.lock, _work(project, today))
    findings = in_order((*project.findings, *judge_survey(replace(context, survey=seen))))
    return Report(findings, _code(findings, seen))


def _work(project: Project, today: date) -> Work | None:
    try:
        return narrow(project, (), today)
    except BuilderError as error:
        if error.code in _UNSOUND:
            return None
        raise


def _code(findings: Sequence[Finding], seen: Survey) -> ExitCode:
    """1 for errors; the registry's own code where the only one is that it could not be asked."""
    errors = failing(findings)
    if errors == {registry_unavailable.RULE.id}:
        return next(trouble.code for trouble in seen.troubles)
    return ExitCode.FINDINGS if errors else ExitCode.DONE
