"""watch: looks at schedules, runners, releases and ends, and keeps one issue that says what is wrong.

What cannot be looked at is said; it raises nothing and ends nothing, for not seen is not well.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from builder.facts import drivers
from builder.github import actions
from builder.github.client import Github
from builder.github.errors import GithubError
from builder.github.tracking import Change, track
from builder.github.values import Runner, Workflow
from builder.github.wording import Tracker
from builder.matrix.machines.machine import machine
from builder.matrix.policy import policy_of
from builder.model.alarm import Alarm, Unseen
from builder.model.cell import Level
from builder.model.errors import BuilderError
from builder.model.reference import Repository
from builder.pipeline.inputs.project import Project
from builder.pipeline.jobs import Runners
from builder.registry.client import Registry
from builder.registry.errors import RegistryError
from builder.watch import ends, machines, releases, schedule
from builder.watch.limits import Limits

TRACKER = Tracker(
    label="builder-watch",
    about="Alarms of the CUDA image builder",
    title="The images need looking after",
    intro="What `python -m builder watch` found. It keeps this true, and closes it when all is over.",
    whole="`python -m builder watch --dry-run` lists all of them.",
)
_ON_GITHUB = frozenset(
    {
        *(schedule.OFF, schedule.GREEN, schedule.SOON),
        *(machines.OFFLINE, machines.UNSERVED, machines.WAITING),
        releases.HELD,
    }
)


@dataclass(frozen=True, slots=True)
class Watched:
    """What to look at: the matrix, the workflows by their files, and the runners that build and that test."""

    project: Project
    workflows: tuple[str, ...]
    builders: Runners
    testers: Runners
    limits: Limits


@dataclass(frozen=True, slots=True)
class Report:
    """The alarms that are up, what nobody could look at, and what that changed in the issue."""

    alarms: tuple[Alarm, ...]
    unseen: tuple[Unseen, ...]
    change: Change | None = None


@dataclass(frozen=True, slots=True)
class _Look:
    kinds: frozenset[str]
    at: Callable[[], Iterable[Alarm]]

    def __call__(self) -> tuple[Alarm, ...] | Unseen:
        try:
            return tuple(self.at())
        except GithubError as error:
            if not error.forbidden:
                raise
            return Unseen(self.kinds, f"{error} ({error.fix})")
        except RegistryError as error:
            return Unseen(self.kinds, f"{error} ({error.fix})")


def watch(
    watched: Watched,
    registry: Registry,
    github: Github | BuilderError,
    now: datetime,
    *,
    dry_run: bool = False,
) -> Report:
    """Look at everything, and have the issue say it. In place of GitHub, a dry run takes why it has none.

    Raises:
        BuilderError: when GitHub fails, or will not take an issue.
    """
    looks = [_Look(frozenset(), lambda: _ends(watched, now)), _releases(watched, registry, now)]
    if isinstance(github, Github):
        looks += _on_github(watched, github, now)
    seen = [look() for look in looks]
    alarms = tuple(alarm for found in seen if isinstance(found, tuple) for alarm in found)
    unseen = tuple(found for found in seen if isinstance(found, Unseen))
    if not isinstance(github, Github):
        return Report(alarms, (*unseen, Unseen(_ON_GITHUB, f"{github} ({github.fix})")))
    return Report(alarms, unseen, None if dry_run else track(github, TRACKER, alarms, unseen))


def _ends(watched: Watched, now: datetime) -> Iterator[Alarm]:
    cells, today, limits = watched.project.expansion.cells, now.date(), watched.limits
    yield from ends.of_bases(cells, today, limits)
    yield from ends.of_systems(cells, today, limits)
    yield from ends.of_drivers(_branches(watched.project), today, limits)


def _branches(project: Project) -> Iterator[int]:
    """The driver branches of declared hosts, and those that tests are asked for on."""
    for entry in project.matrix.hosts:
        try:
            driver = machine(entry).driver
        except LookupError:
            continue  # `check` says so
        if driver:
            yield drivers.branch_of(driver)
    for cell in project.expansion.cells:
        for demand in policy_of(project.matrix.smoke, cell).demands:
            if demand.driver[:1].isdigit():
                yield drivers.branch_of(demand.driver)


def _releases(watched: Watched, registry: Registry, now: datetime) -> _Look:
    matrix = watched.project.matrix

    def old() -> Iterator[Alarm]:
        for name in (matrix.release, *matrix.copies):
            repository = Repository.parse(name)
            yield from releases.old(name, registry.tags(repository), now.date(), watched.limits)

    return _Look(frozenset({releases.OLD}), old)


def _on_github(watched: Watched, github: Github, now: datetime) -> Iterator[_Look]:
    repository = cache(lambda: actions.repository(github))
    runners = cache(lambda: actions.runners(github))
    workflows = cache(lambda: actions.workflows(github))
    limits = watched.limits

    def followed() -> tuple[Workflow, ...]:
        return tuple(workflow for workflow in workflows() if workflow.file in watched.workflows)

    def schedules() -> Iterator[Alarm]:
        yield from schedule.off(workflows(), watched.workflows)
        for workflow in followed():
            yield from schedule.not_green(workflow, actions.last_green(github, workflow), now, limits)
        yield from schedule.ending(repository(), workflows(), now, limits)

    def held() -> Iterator[Alarm]:
        for workflow in followed():
            yield from releases.held(workflow, actions.held(github, workflow), now, limits)

    def lent() -> tuple[Runner, ...]:
        organization = repository().organization
        return actions.runners_of(github, organization) if organization else ()

    cells = watched.project.expansion.cells
    tests = {cell.platform for cell in cells if cell.require is Level.GPU}
    wanted = {
        **{f"GPU tests on {platform}": watched.testers.of(platform) for platform in sorted(tests)},
        **{f"builds on {it}": watched.builders.of(it) for it in sorted({cell.platform for cell in cells})},
    }
    yield _Look(frozenset({schedule.OFF, schedule.GREEN, schedule.SOON}), schedules)
    yield _Look(frozenset({releases.HELD}), held)
    yield _Look(frozenset({machines.WAITING}), lambda: machines.waiting(actions.waiting(github), now, limits))
    yield _Look(frozenset({machines.OFFLINE}), lambda: machines.away(wanted, runners()))
    yield _Look(frozenset({machines.UNSERVED}), lambda: machines.unserved(wanted, (*runners(), *lent())))
