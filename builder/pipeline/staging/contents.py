"""What staged images hold beside what they are built on, from the package lists that refer to them."""

from collections.abc import Iterable, Mapping, Sequence

from builder.bake import staging
from builder.bake.definition import Build
from builder.matrix.survey import Contents
from builder.model.digest import Digest
from builder.model.platform import Platform
from builder.model.reference import Repository
from builder.registry.client import Registry
from builder.registry.concurrency import map_concurrently
from builder.release.evidence import Reader
from builder.release.signing.bundle import KIND, STATEMENT
from builder.release.statements import sbom

_Packages = Mapping[str, str]


def listed(registry: Registry, repository: Repository, digest: Digest) -> _Packages | None:
    """The packages of the first readable list that refers to an image."""
    for artifact in Reader(registry).attached(repository, digest):
        about = artifact.artifact_type, artifact.annotations.get(KIND, "")
        if about == (STATEMENT, sbom.PREDICATE_TYPE) and artifact.layers:
            try:
                return sbom.packages(registry.blob(repository, artifact.layers[0]))
            except ValueError:
                continue
    return None


def contents(
    registry: Registry, repository: Repository, builds: Sequence[Build]
) -> Mapping[tuple[str, Platform], Contents]:
    """The packages of the images that are staged for these builds, where lists tell both sides of them."""
    staged = staging.read(registry.tags(repository))
    known = {build.name: digest for build in builds if (digest := staged.digest(build.key))}
    return contents_of(registry, builds, known)


def contents_of(
    registry: Registry, builds: Iterable[Build], known: Mapping[str, Digest]
) -> Mapping[tuple[str, Platform], Contents]:
    """The same of these builds, by what is known to be staged of them and of their parents."""
    asked = {build.name: build for build in builds if build.name in known}
    wanted = {
        (build.staging, digest)
        for build in asked.values()
        for digest in (known[build.name], _digest_below(build, known))
        if digest
    }
    lists = map_concurrently(lambda it: listed(registry, *it), wanted)
    packages = {digest: found for (_, digest), found in zip(wanted, lists, strict=True) if found is not None}
    found: dict[tuple[str, Platform], Contents] = {}
    for name, build in asked.items():
        below = _below(build, _digest_below(build, known), packages)
        if known[name] in packages and below is not None:
            found[build.target, build.recipe.cell.platform] = Contents(packages[known[name]], below)
    return found


def base_digest(build: Build) -> Digest | None:
    """The base of a build that takes CUDA from it; None where CUDA comes from wheels, or not at all."""
    base = build.images.get("base")
    return base.digest if base and build.recipe.cell.source.brings_cuda else None


def _digest_below(build: Build, known: Mapping[str, Digest]) -> Digest | None:
    """The parent of an app, or the base that CUDA is taken from."""
    if build.parents:
        return known.get(next(iter(build.parents.values())).name)
    return base_digest(build)


def _below(build: Build, digest: Digest | None, packages: Mapping[Digest, _Packages]) -> _Packages | None:
    """What an image holds of its parent or its base, and of its lock."""
    if build.parents:
        return packages.get(digest) if digest else None
    locked = {f"pypi {wheel.name}": wheel.version for wheel in build.recipe.wheels}
    if digest is None:
        return locked
    return {**packages[digest], **locked} if digest in packages else None
