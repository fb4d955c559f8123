"""Which release tags of a family exist already, on images that it would not come to again."""

from collections.abc import Iterator, Mapping, Set

from builder.bake.definition import Build
from builder.bake.labels import KEY
from builder.bake.staging import Staged
from builder.matrix.survey import Taken
from builder.model.digest import Digest
from builder.model.platform import Platform
from builder.model.reference import Repository
from builder.pipeline.inputs.prepare import Work
from builder.registry.client import Registry
from builder.registry.concurrency import map_concurrently
from builder.release.records.shelf import look


def taken(registry: Registry, repository: Repository, work: Work, staged: Staged) -> tuple[Taken, ...]:
    """The tags of these builds' targets that are not free there, and not equal.

    Equal is what has the staged manifests, or, where staging lacks them, manifests of the same keys.
    """
    builds: dict[str, dict[Platform, Build]] = {}
    for build in work.builds:
        builds.setdefault(build.target, {})[build.recipe.cell.platform] = build
    names = {target.name: target.tags for target in work.selected}
    shelf = look(registry, repository, {tag for tags in names.values() for tag in tags})
    there = [(name, tag) for name, tags in names.items() for tag in tags if tag in shelf.tags]
    whole = {target.name: {cell.platform for cell in target.cells} for target in work.family}
    claims = [
        (name, tag, tuple(_different(builds[name], whole[name], staged, shelf.platforms(tag))))
        for name, tag in there
    ]
    wrong = map_concurrently(
        lambda it: tuple(p for p, build, digest in it[2] if not _is_of(registry, repository, build, digest)),
        claims,
    )
    return tuple(
        Taken(repository, tag, name, platforms)
        for (name, tag, _), platforms in zip(claims, wrong, strict=True)
        if platforms
    )


def _different(
    builds: Mapping[Platform, Build],
    whole: Set[Platform],
    staged: Staged,
    released: Mapping[Platform, Digest],
) -> Iterator[tuple[Platform, Build, Digest | None]]:
    """The builds whose staged manifest is not the released one, with the one that is."""
    more = released.keys() - whole
    for platform, build in builds.items():
        now = staged.digest(build.key)
        if more or now is None or released.get(platform) != now:
            yield platform, build, None if more or now else released.get(platform)


def _is_of(registry: Registry, repository: Repository, build: Build, digest: Digest | None) -> bool:
    """Whether a released manifest was built for a key."""
    found = registry.find_manifest(repository.at(digest)) if digest else None
    return found is not None and found.annotations.get(KEY) == str(build.key)
