"""Builds what staging lacks, one bake call per target and platform, and keeps going when one fails."""

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from graphlib import TopologicalSorter

from builder.engine.cache import prune
from builder.model.digest import Digest
from builder.model.errors import BuilderError
from builder.model.outcome import BuildOutcome, Built, Failed, Reused, Skipped
from builder.pipeline.staging.disk import groups, kept
from builder.pipeline.staging.kitchen import Done, Kitchen, build, failed
from builder.pipeline.staging.plan import Step
from builder.pipeline.staging.weight import settled

_STOPPED = "another build failed first"


@dataclass(frozen=True, slots=True)
class Baked:
    """A step and how its build ended."""

    step: Step
    outcome: BuildOutcome


def bake_all(kitchen: Kitchen, steps: Iterable[Step]) -> Iterator[Baked]:
    """Build the steps that have no image yet, and yield each as it ends. What is staged costs nothing.

    An app waits for its parents and is built on their digests; it is skipped where one of them failed, also
    where that is staged and over its budget.
    """
    steps = tuple(steps)
    missing = {step.build.name: step for step in steps if step.staged is None}
    known = [step for step in steps if step.staged]
    ended: dict[str, BuildOutcome] = {}
    for step, outcome in zip(known, settled(kitchen.registry, known, kitchen.reproduce), strict=True):
        ended[step.build.name] = outcome
        yield Baked(step, outcome)
    if not missing:
        return
    with ThreadPoolExecutor(kitchen.jobs, thread_name_prefix="bake") as pool:
        try:
            for baked in _in_groups(pool, kitchen, missing, ended):
                ended[baked.step.build.name] = baked.outcome
                yield baked
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _in_groups(
    pool: ThreadPoolExecutor,
    kitchen: Kitchen,
    missing: Mapping[str, Step],
    ended: Mapping[str, BuildOutcome],
) -> Iterator[Baked]:
    """Build group after group under the budget; parents stand before what is built over them."""
    stopped = False
    for group in groups(missing.values(), kitchen.budget):
        steps = {step.build.name: step for step in group}
        full = None if stopped else _make_room(kitchen, group)
        some = (
            (Baked(step, failed(kitchen, step, full)) for step in group)
            if full
            else _in_order(pool, kitchen, steps, ended, stopped=stopped)
        )
        for baked in some:
            stopped = stopped or _stops(kitchen, baked.outcome)
            yield baked


def _make_room(kitchen: Kitchen, group: tuple[Step, ...]) -> BuilderError | None:
    """Prune the cache, so that a group stays under the budget; what was in the way, if anything."""
    if kitchen.budget is None:
        return None
    try:
        prune(kitchen.docker, kitchen.builder, kept(group, kitchen.budget))
    except BuilderError as error:
        return error
    return None


def _in_order(
    pool: ThreadPoolExecutor,
    kitchen: Kitchen,
    missing: Mapping[str, Step],
    ended: Mapping[str, BuildOutcome],
    *,
    stopped: bool,
) -> Iterator[Baked]:
    """Build parents first. `ended` has the outcome of each build that was yielded."""
    line = TopologicalSorter({name: _follows(step) & missing.keys() for name, step in missing.items()})
    line.prepare()
    running: dict[Future[Done], str] = {}
    while line.is_active():
        for name in line.get_ready():
            if reason := _hindrance(missing[name], ended, stopped=stopped):
                yield Baked(missing[name], Skipped(reason))
                line.done(name)
            else:
                staged = _staged(missing[name], ended)
                running[pool.submit(build, kitchen, missing[name], staged)] = name
        for future in wait(running, return_when=FIRST_COMPLETED).done:
            name = running.pop(future)
            outcome = Skipped(_STOPPED) if future.cancelled() else future.result()
            if _stops(kitchen, outcome):
                stopped = True
                for other in running:
                    other.cancel()
            yield Baked(missing[name], outcome)
            line.done(name)


def _stops(kitchen: Kitchen, outcome: BuildOutcome) -> bool:
    return kitchen.fail_fast and isinstance(outcome, Failed)


def _follows(step: Step) -> set[str]:
    """The builds that come first where they are built too; without a twin or a lender nothing fails."""
    beside = (step.build.lender, *step.build.twins.values())
    return _parents(step) | {one.name for one in beside if one}


def _parents(step: Step) -> set[str]:
    return {parent.name for parent in step.build.parents.values()}


def _staged(step: Step, ended: Mapping[str, BuildOutcome]) -> Mapping[str, Digest]:
    """The digests of what is there of a build's parents and twins."""
    here = {name: ended.get(name) for name in _follows(step)}
    digests = {name: one.digest for name, one in here.items() if isinstance(one, Built | Reused)}
    return {**dict(step.twins), **digests}


def _hindrance(step: Step, ended: Mapping[str, BuildOutcome], *, stopped: bool) -> str:
    """Why a build that is its turn is not begun; nothing where it is."""
    for name in sorted(_parents(step)):
        match ended.get(name):
            case Failed():
                return f"its parent {name} failed"
            case Skipped():
                return f"its parent {name} was skipped"
    return _STOPPED if stopped else ""
