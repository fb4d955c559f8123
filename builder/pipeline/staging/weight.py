"""What staged images weigh against the budgets of their flavors and apps. No budget, no request."""

from collections.abc import Callable, Iterable, Mapping

from builder.bake import staging
from builder.bake.definition import Build
from builder.model.digest import Digest
from builder.model.outcome import Cause, Failed, Reused
from builder.model.platform import Platform
from builder.model.reference import Repository
from builder.model.size import show_size
from builder.pipeline.staging.plan import Step
from builder.registry.client import Registry
from builder.registry.concurrency import map_concurrently
from builder.registry.errors import RegistryError

Reproduce = Callable[[Build], str]


def settled(registry: Registry, steps: Iterable[Step], reproduce: Reproduce) -> tuple[Reused | Failed, ...]:
    """How steps end that are staged already."""
    known = [(step.build, step.staged) for step in steps if step.staged]
    limited = [(build, digest) for build, digest in known if build.budget is not None]
    against = map_concurrently(lambda it: too_heavy(registry, *it, reproduce), limited)
    heavy = {build.name: found for (build, _), found in zip(limited, against, strict=True) if found}
    return tuple(heavy.get(build.name) or Reused(digest) for build, digest in known)


def sizes(
    registry: Registry, repository: Repository, builds: Iterable[Build]
) -> Mapping[tuple[str, Platform], int]:
    """The compressed bytes of the images that are staged for these builds, by target and platform."""
    staged = staging.read(registry.tags(repository))
    known = [(build, digest) for build in builds if (digest := staged.digest(build.key))]
    manifests = map_concurrently(lambda it: registry.manifest(repository.at(it[1])), known)
    return {
        (build.target, build.recipe.cell.platform): manifest.size
        for (build, _), manifest in zip(known, manifests, strict=True)
    }


def too_heavy(registry: Registry, build: Build, digest: Digest, reproduce: Reproduce) -> Failed | None:
    """Why an image is over its budget, or cannot be weighed; None where it is not, or has none."""
    if build.budget is None:
        return None
    try:
        size = registry.manifest(build.staging.at(digest)).size
    except RegistryError as error:
        return Failed(Cause.REGISTRY, "", (str(error), error.fix), reproduce(build))
    if size <= build.budget:
        return None
    cell = build.recipe.cell
    whose = cell.app.name if cell.app else cell.flavor
    said = (
        f"it weighs {show_size(size)}, and the budget of `{whose}` is {show_size(build.budget)}",
        f"{cell.where}: leave something out of it, or raise the budget",
    )
    return Failed(Cause.BUDGET, "", said, reproduce(build))
