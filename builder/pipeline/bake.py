"""bake: builds what staging lacks, one bake call per target and platform, and keeps going when one fails."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from builder.bake import context
from builder.bake.definition import Build, Site, definition
from builder.engine.bake import Observer, bake
from builder.model.outcome import BuildOutcome, Built, Cause, Failed, Reused, Skipped
from builder.pipeline.plan import Step, confirm
from builder.registry.client import Registry

if TYPE_CHECKING:
    from python_on_whales import DockerClient


@dataclass(frozen=True, slots=True)
class Baked:
    """A step and how its build ended."""

    step: Step
    outcome: BuildOutcome


@dataclass(frozen=True)
class Kitchen:
    """Where builds happen: the engine, the registry, the site, and how many builds run at once.

    `reproduce` gives the command that does one build alone.
    """

    docker: "DockerClient"
    registry: Registry
    site: Site
    jobs: int
    observer: Observer
    reproduce: Callable[[Build], str]
    builder: str | None = None
    fail_fast: bool = False


def bake_file(builds: Iterable[Build], site: Site) -> dict[str, Any]:
    """The bake file of these builds; paths below the current folder are relative to it."""
    return definition(builds, _relative(context.path()), site)


def bake_all(kitchen: Kitchen, steps: Iterable[Step]) -> Iterator[Baked]:
    """Build the steps that have no image yet, and yield each as it ends. What is staged costs nothing."""
    missing = []
    for step in steps:
        if step.staged is None:
            missing.append(step)
        else:
            yield Baked(step, Reused(step.staged))
    if not missing:
        return
    with ThreadPoolExecutor(kitchen.jobs, thread_name_prefix="bake") as pool:
        futures = {pool.submit(_bake, kitchen, step.build): step for step in missing}
        try:
            for future in as_completed(futures):
                baked = Baked(
                    futures[future],
                    Skipped("another build failed first") if future.cancelled() else future.result(),
                )
                if kitchen.fail_fast and isinstance(baked.outcome, Failed):
                    for other in futures:
                        other.cancel()
                yield baked
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _bake(kitchen: Kitchen, build: Build) -> BuildOutcome:
    outcome = _call(kitchen, build)
    if isinstance(outcome, Failed) and outcome.cause.transient:
        outcome = _call(kitchen, build)
    if not isinstance(outcome, Built):
        return outcome
    digest = confirm(kitchen.registry, build)
    if digest is None:
        lost = f"{build.image} was pushed, and the registry does not have it"
        return Failed(Cause.REGISTRY, "", (lost,), kitchen.reproduce(build))
    return Built(digest, outcome.seconds)


def _call(kitchen: Kitchen, build: Build) -> Built | Failed:
    return bake(
        kitchen.docker,
        definition([build], context.path(), kitchen.site),
        build.name,
        observer=kitchen.observer,
        reproduce=kitchen.reproduce(build),
        builder=kitchen.builder,
    )


def _relative(path: Path) -> Path:
    try:
        return path.relative_to(Path.cwd())
    except ValueError:
        return path
