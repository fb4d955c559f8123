"""What staged images hold beside what they are built on, from the package lists that refer to them."""

from collections.abc import Iterable, Mapping

from builder.bake import staging
from builder.bake.definition import Build
from builder.matrix.survey import Contents
from builder.model.digest import Digest
from builder.model.platform import Platform
from builder.model.reference import Repository
from builder.registry.client import Registry
from builder.registry.concurrency import map_concurrently
from builder.release import sbom
from builder.release.bundle import KIND, STATEMENT
from builder.release.evidence import Reader

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
    registry: Registry, repository: Repository, builds: Iterable[Build]
) -> Mapping[tuple[str, Platform], Contents]:
    """The packages of the images that are staged for these builds, where lists tell both sides of them."""
    staged = staging.read(registry.tags(repository))
    known = {build.name: (build, digest) for build in builds if (digest := staged.digest(build.key))}
    wanted = {digest for _, digest in known.values()}
    wanted |= {base for build, _ in known.values() if (base := base_digest(build))}
    lists = map_concurrently(lambda digest: listed(registry, repository, digest), wanted)
    packages = {digest: found for digest, found in zip(wanted, lists, strict=True) if found is not None}
    found: dict[tuple[str, Platform], Contents] = {}
    for build, digest in known.values():
        below = _below(build, {name: packages.get(one) for name, (_, one) in known.items()}, packages)
        if digest in packages and below is not None:
            found[build.target, build.recipe.cell.platform] = Contents(packages[digest], below)
    return found


def base_digest(build: Build) -> Digest | None:
    """The base of a build that takes CUDA from it; None where CUDA comes from wheels, or not at all."""
    base = build.images.get("base")
    return base.digest if base and build.recipe.cell.source.brings_cuda else None


def _below(
    build: Build, staged: Mapping[str, _Packages | None], packages: Mapping[Digest, _Packages]
) -> _Packages | None:
    """What an image holds of its parent or its base, and of its lock."""
    locked = {f"pypi {wheel.name}": wheel.version for wheel in build.recipe.wheels}
    if build.parents:
        final = next(iter(build.parents.values()))
        return staged.get(final.name)
    if base := base_digest(build):
        return {**packages[base], **locked} if base in packages else None
    return locked
