"""From the command line's words to the work: the selected targets and their builds."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

from builder.bake.arguments import refuse_secrets
from builder.bake.definition import Build
from builder.matrix.lock import Lock
from builder.matrix.select import Selector, Shard
from builder.matrix.tags import render_all, templates
from builder.model.cell import Target
from builder.model.errors import BuilderError, ExitCode
from builder.pipeline.inputs.builds import builds, with_parents
from builder.pipeline.inputs.project import Project, read, require_sound
from builder.pipeline.inputs.terms import Terms, policy_digest
from builder.smoke.program import probe_digest


@dataclass(frozen=True, slots=True)
class Work:
    """A sound project and the part of it that was asked for. `family` is all of it, with its tags.

    `builds` has what the selected apps are built over as well, before them.
    """

    project: Project
    lock: Lock
    family: tuple[Target, ...]
    selected: tuple[Target, ...]
    builds: tuple[Build, ...]
    terms: Terms


def prepare(file: Path, words: Sequence[str], today: date, shard: str | None = None) -> Work:
    """Read, check and narrow.

    Raises:
        MatrixError: when the matrix has errors.
        BuilderError: (2) when a build argument looks like a secret, (3) when the words select nothing.
    """
    work = narrow(read(file, today), words, today, shard)
    for build in work.builds:
        refuse_secrets(build.recipe.arguments, build.recipe.cell.where)
    return work


def narrow(project: Project, words: Sequence[str], today: date, shard: str | None = None) -> Work:
    """As `prepare`, for a project that was read."""
    lock = require_sound(project)
    family = tuple(_tagged(project, lock, target) for target in project.expansion.all)
    selected = Selector.parse(words)(family)
    if not selected:
        raise BuilderError(
            ExitCode.NOTHING_SELECTED,
            f"nothing is selected by {' '.join(words)}",
            fix="`python -m builder plan` lists the targets.",
        )
    if shard:
        selected = Shard.parse(shard)(selected)
    smoke = project.matrix.smoke
    terms = Terms(probe_digest(), policy_digest(smoke), timedelta(days=smoke.max_age), today)
    wanted = with_parents(builds(project.matrix, lock, selected))
    return Work(project, lock, family, selected, wanted, terms)


def _tagged(project: Project, lock: Lock, target: Target) -> Target:
    tags = templates(project.matrix, target)
    release = render_all(tags.release, target, lock.epoch)
    return replace(target, tags=release, rolling=render_all(tags.rolling, target, lock.epoch))
