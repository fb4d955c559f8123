"""Builds what staging lacks, one bake call per target and platform, and keeps going when one fails."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from graphlib import TopologicalSorter
from typing import TYPE_CHECKING

from builder.bake import context
from builder.bake.cache import Cache
from builder.bake.definition import Build, Site, definition
from builder.engine.bake import Observer, bake
from builder.engine.cache import prune
from builder.model.digest import Digest
from builder.model.errors import BuilderError
from builder.model.outcome import BuildOutcome, Built, Cause, Failed, Skipped
from builder.pipeline.staging.confirm import finish
from builder.pipeline.staging.disk import groups, kept
from builder.pipeline.staging.plan import Step
from builder.pipeline.staging.weight import settled, too_heavy
from builder.registry.client import Registry
from builder.registry.errors import RegistryError

if TYPE_CHECKING:
    from python_on_whales import DockerClient

_STOPPED = "another build failed first"


@dataclass(frozen=True, slots=True)
class Baked:
    """A step and how its build ended."""

    step: Step
    outcome: BuildOutcome


@dataclass(frozen=True)
class Kitchen:
    """Where builds happen: the engine, the registry, the site, and how many builds run at once.

    `reproduce` gives the command that does one build alone. `budget` is the disk, in bytes, that builds and
    the cache may take. With `cache` the steps of builds are kept in staging, and taken from there.
    """

    docker: "DockerClient"
    registry: Registry
    site: Site
    jobs: int
    observer: Observer
    reproduce: Callable[[Build], str]
    builder: str | None = None
    fail_fast: bool = False
    budget: int | None = None
    cache: bool = False


def bake_all(kitchen: Kitchen, steps: Iterable[Step]) -> Iterator[Baked]:
    """Build the steps that have no image yet, and yield each as it ends. What is staged costs nothing.

    An app waits for its parents and is built on their digests; it is skipped where one of them failed.
    """
    steps = tuple(steps)
    missing = {step.build.name: step for step in steps if step.staged is None}
    staged = {name: digest for step in steps for name, digest in step.twins}
    staged |= {step.build.name: step.staged for step in steps if step.staged}
    known = [step for step in steps if step.staged]
    outcomes = settled(kitchen.registry, known, kitchen.reproduce)
    yield from (Baked(step, outcome) for step, outcome in zip(known, outcomes, strict=True))
    if not missing:
        return
    with ThreadPoolExecutor(kitchen.jobs, thread_name_prefix="bake") as pool:
        try:
            for baked in _in_groups(pool, kitchen, missing, staged):
                if isinstance(baked.outcome, Built):
                    staged[baked.step.build.name] = baked.outcome.digest
                yield baked
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _in_groups(
    pool: ThreadPoolExecutor, kitchen: Kitchen, missing: Mapping[str, Step], staged: Mapping[str, Digest]
) -> Iterator[Baked]:
    """Build group after group under the budget; parents stand before what is built over them."""
    stopped = False
    for group in groups(missing.values(), kitchen.budget):
        if kitchen.budget is not None and not stopped:
            prune(kitchen.docker, kitchen.builder, kept(group, kitchen.budget))
        steps = {step.build.name: step for step in group}
        for baked in _in_order(pool, kitchen, steps, staged, stopped=stopped):
            stopped = stopped or _stops(kitchen, baked.outcome)
            yield baked


def _in_order(
    pool: ThreadPoolExecutor,
    kitchen: Kitchen,
    missing: Mapping[str, Step],
    staged: Mapping[str, Digest],
    *,
    stopped: bool,
) -> Iterator[Baked]:
    """Build parents first. `staged` has the digest of each build that was yielded, once it is there."""
    line = TopologicalSorter({name: _follows(step) & missing.keys() for name, step in missing.items()})
    line.prepare()
    running: dict[Future[BuildOutcome], str] = {}
    while line.is_active():
        for name in line.get_ready():
            if reason := _hindrance(missing[name], staged, stopped=stopped):
                yield Baked(missing[name], Skipped(reason))
                line.done(name)
            else:
                running[pool.submit(_bake, kitchen, missing[name], staged)] = name
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


def _hindrance(step: Step, staged: Mapping[str, Digest], *, stopped: bool) -> str:
    """Why a build that is its turn is not begun; nothing where it is."""
    lost = sorted(_parents(step) - staged.keys())
    return f"its parent {lost[0]} failed" if lost else _STOPPED if stopped else ""


def _bake(kitchen: Kitchen, step: Step, staged: Mapping[str, Digest]) -> BuildOutcome:
    build = step.build
    outcome = _call(kitchen, build, staged, step.last)
    if isinstance(outcome, Failed) and outcome.cause.transient:
        # What the registry lacks may be a part of the cache, which must not cost a build.
        outcome = replace(_call(kitchen, build, staged, None), retried=outcome.cause)
    if not isinstance(outcome, Built):
        return outcome
    try:
        digest = finish(kitchen.registry, build, outcome.seconds)
    except BuilderError as error:
        cause = Cause.REGISTRY if isinstance(error, RegistryError) else Cause.OTHER
        return Failed(cause, "", (str(error),), kitchen.reproduce(build), outcome.retried)
    if digest is None:
        lost = f"{build.image} was pushed, and the registry does not have it"
        return Failed(Cause.REGISTRY, "", (lost,), kitchen.reproduce(build))
    ended = replace(outcome, digest=digest)
    return too_heavy(kitchen.registry, build, digest, kitchen.reproduce) or ended


def _call(
    kitchen: Kitchen, build: Build, staged: Mapping[str, Digest], last: Digest | None
) -> Built | Failed:
    caches = {build.name: Cache(build.staging, build.key, last)} if kitchen.cache else {}
    return bake(
        kitchen.docker,
        definition([build], context.path(), kitchen.site, staged, caches),
        build.name,
        observer=kitchen.observer,
        reproduce=kitchen.reproduce(build),
        builder=kitchen.builder,
    )
