"""The build of one cell: a bake call, what is left beside its image, and the image's weight."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from builder.bake import context
from builder.bake.cache import Cache
from builder.bake.definition import Build, Site, definition
from builder.engine.bake import Observer, bake
from builder.model.digest import Digest
from builder.model.errors import BuilderError
from builder.model.outcome import Built, Cause, Failed, Reused
from builder.pipeline.inputs.copies import ChangedError, Copies
from builder.pipeline.staging.confirm import confirm
from builder.pipeline.staging.plan import Step
from builder.pipeline.staging.weight import too_heavy
from builder.registry.client import Registry
from builder.registry.errors import NotFoundError, RegistryError

if TYPE_CHECKING:
    from python_on_whales import DockerClient


@dataclass(frozen=True)
class Kitchen:
    """Where builds happen: the engine, the registry, the site, and how many builds run at once.

    `reproduce` gives the command that does one build alone. `budget` is the disk, in bytes, that builds and
    the cache may take. `copies` are the contexts of apps. With `cache` the steps of builds are kept in
    staging, and taken from there. `pause` are the seconds before a second try: what went away needs time to
    come back.
    """

    docker: "DockerClient"
    registry: Registry
    site: Site
    copies: Copies
    jobs: int
    observer: Observer
    reproduce: Callable[[Build], str]
    builder: str | None = None
    fail_fast: bool = False
    budget: int | None = None
    cache: bool = False
    pause: float = 0


# How a build that was begun ended.
Done = Built | Reused | Failed


def build(kitchen: Kitchen, step: Step, staged: Mapping[str, Digest]) -> Done:
    """Build and push what a step lacks; `staged` has the images below it, by the names of their builds.

    What an earlier run pushed is not built again. Whatever goes wrong is this step's, and costs no other
    build.
    """
    try:
        found = _pushed(kitchen, step)
        return _weighed(kitchen, step, Reused(found)) if found else _build(kitchen, step, staged)
    except (BuilderError, OSError) as error:
        return failed(kitchen, step, error)


def _pushed(kitchen: Kitchen, step: Step) -> Digest | None:
    """What an earlier run pushed, staged now; None where the registry does not have all of it."""
    try:
        return confirm(kitchen.registry, step.build) if step.pushed else None
    except NotFoundError:
        return None


def failed(kitchen: Kitchen, step: Step, error: BuilderError | OSError) -> Failed:
    """How a step ends that an error ended."""
    log = (str(error), error.fix) if isinstance(error, BuilderError) else (str(error),)
    return Failed(_cause(error), "", log, kitchen.reproduce(step.build))


def _cause(error: BuilderError | OSError) -> Cause:
    match error:
        case RegistryError():
            return Cause.REGISTRY
        case ChangedError():
            return Cause.CHANGED
    return Cause.OTHER


def _build(kitchen: Kitchen, step: Step, staged: Mapping[str, Digest]) -> Done:
    wanted = kitchen.copies.of(step.build)
    outcome = _call(kitchen, wanted, staged, step.last)
    if isinstance(outcome, Failed) and outcome.cause.transient:
        time.sleep(kitchen.pause)
        # What the registry lacks may be a part of the cache, which must not cost a build.
        outcome = replace(_call(kitchen, wanted, staged, None), retried=outcome.cause)
    return outcome if isinstance(outcome, Failed) else _finished(kitchen, step, outcome)


def _finished(kitchen: Kitchen, step: Step, built: Built) -> Done:
    try:
        digest = confirm(kitchen.registry, step.build, built.seconds)
    except BuilderError as error:
        return replace(failed(kitchen, step, error), retried=built.retried)
    if digest is None:
        lost = f"{step.build.image} was pushed, and the registry does not have it"
        return Failed(Cause.REGISTRY, "", (lost,), kitchen.reproduce(step.build), built.retried)
    return _weighed(kitchen, step, replace(built, digest=digest))


def _weighed(kitchen: Kitchen, step: Step, done: Built | Reused) -> Done:
    return too_heavy(kitchen.registry, step.build, done.digest, kitchen.reproduce) or done


def _call(
    kitchen: Kitchen, wanted: Build, staged: Mapping[str, Digest], last: Digest | None
) -> Built | Failed:
    caches = {wanted.name: Cache(wanted.staging, wanted.key, last)} if kitchen.cache else {}
    return bake(
        kitchen.docker,
        definition([wanted], context.path(), kitchen.site, staged, caches),
        wanted.name,
        observer=kitchen.observer,
        reproduce=kitchen.reproduce(wanted),
        builder=kitchen.builder,
    )
