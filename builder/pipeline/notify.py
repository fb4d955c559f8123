"""notify: says how a run ended: to chats through their webhooks, and of failures in one GitHub issue.

What is wrong is asked of the registry, so that it can be said on any machine at any time. Nothing here fails
a run: a chat or an issue that cannot be had is said, and that is all.
"""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from builder.github.client import Github
from builder.github.settings import Settings
from builder.github.tracking import Change, track
from builder.github.wording import Tracker
from builder.model.alarm import Alarm
from builder.model.errors import BuilderError
from builder.model.reference import Repository
from builder.notify.notice import Link, Notice, Outcome, Problem
from builder.notify.webhook import Webhook
from builder.pipeline.inputs.prepare import Work, prepare
from builder.pipeline.report import collect
from builder.pipeline.staging.plan import Step, plan
from builder.registry.client import Registry

TRACKER = Tracker(
    label="builder-failure",
    about="Failures of the CUDA image builder",
    title="The run of the image family fails",
    intro="What `python -m builder notify` found, with commands that do it again. A good run closes it.",
    whole="The run's log lists all of them, and so does `python -m builder plan`.",
)


@dataclass(frozen=True, slots=True)
class Ended:
    """A run: its matrix and selection, how it ended, whether it released, its pages, whether one failed."""

    file: Path
    words: tuple[str, ...]
    outcome: Outcome
    released: bool
    links: tuple[Link, ...] = ()
    page_failed: bool = False


def notice(registry: Registry, ended: Ended, now: datetime) -> Notice:
    """What to say. A matrix or a registry that cannot be read is a problem like others."""
    try:
        work = prepare(ended.file, ended.words, now.date())
    except BuilderError as error:
        wrong = Problem("no-plan", str(ended.file), str(error), _command("check", ended))
        return Notice(str(ended.file), ended.outcome, problems=(wrong,), links=ended.links)
    family = work.project.matrix.release
    try:
        name, changed = _released(registry, work, now) if ended.released else ("", ())
        problems = tuple(_problems(plan(registry, work.builds, work.terms, explain=False), ended))
    except BuilderError as error:
        wrong = Problem("no-registry", family, str(error), _command("plan", ended))
        return Notice(family, ended.outcome, problems=(wrong,), links=ended.links)
    if ended.outcome is Outcome.FAILURE and not problems:
        what = "all images are built and tested; the release or a step around it failed"
        problems = (Problem("no-release", family, what, _command("release", ended, "--dry-run")),)
    told = Notice(family, ended.outcome, name, changed, problems, ended.links)
    return _without_page(told, ended) if ended.page_failed else told


def tell(told: Notice, webhooks: Sequence[Webhook | BuilderError]) -> Iterator[str | BuilderError]:
    """Tell every chat; yields the names of those that were told, and what stood in the way of others."""
    for webhook in webhooks if told.is_news else ():
        if isinstance(webhook, BuilderError):
            yield webhook
            continue
        try:
            webhook.post(told)
            yield webhook.chat
        except BuilderError as error:
            yield error


def file_issue(told: Notice, environ: Mapping[str, str]) -> Change | BuilderError | None:
    """Have the issue of failures say this; None where GitHub is not used, or a cancelled run says nothing."""
    if "GITHUB_REPOSITORY" not in environ or told.outcome not in (Outcome.SUCCESS, Outcome.FAILURE):
        return None
    failed = told.outcome is Outcome.FAILURE
    pages = "".join(f" ([{link.label}]({link.url}))" for link in told.links)
    alarms = [
        Alarm(problem.kind, problem.subject, f"{problem.what}{pages}", f"`{problem.command}`")
        for problem in (told.problems if failed else ())
    ]
    try:
        with Github(Settings.from_environment(environ)) as github:
            return track(github, TRACKER, alarms)
    except BuilderError as error:
        return error


def _released(registry: Registry, work: Work, now: datetime) -> tuple[str, tuple[str, ...]]:
    """The newest release, and what it changed against the one before."""
    family = collect(registry, Repository.parse(work.project.matrix.release), now, history=1)
    if not family.releases:
        return "", ()
    last = family.releases[-1]
    return last.name, tuple(
        f"{change.target}: {change.kind}" + (f" ({'; '.join(change.why)})" if change.why else "")
        for change in last.changes
    )


def _without_page(told: Notice, ended: Ended) -> Notice:
    """The same without a page; what a good run leaves undone is no problem beside that."""
    what = "the family's page was not deployed; the images are as they are without it"
    wrong = Problem("no-page", told.family, what, _command("report", ended, "--site", "site"))
    others = told.problems if told.outcome is Outcome.FAILURE else ()
    return replace(told, outcome=Outcome.FAILURE, problems=(*others, wrong))


def _problems(steps: Sequence[Step], ended: Ended) -> Iterator[Problem]:
    for step in steps:
        name, platform = step.build.target, str(step.cell.platform)
        where = (name, "--platform", platform)
        if step.staged is None:
            what = f"{name} ({platform}) is not built"
            yield Problem("not-built", f"{name} {platform}", what, _command("bake", ended, *where))
        elif not step.tested:
            what = f"{name} ({platform}) has not passed a test on a {step.cell.require}"
            yield Problem("not-tested", f"{name} {platform}", what, _command("smoke", ended, *where))


def _command(verb: str, ended: Ended, *words: str) -> str:
    return shlex.join(("python", "-m", "builder", verb, "-f", str(ended.file), *words))
