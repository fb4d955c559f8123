"""confirm: from what Buildx pushed to a staged image, which is one whose tag tells its digest.

Whatever a build is asked to leave is in place before that tag: a run that was killed before it has an image
that nobody takes for finished, and the next run comes this way again.
"""

from builder.bake import staging
from builder.bake.definition import Build
from builder.model.digest import Digest
from builder.pipeline.staging.attest import from_buildkit, has_packages, with_packages
from builder.registry.client import Registry
from builder.registry.manifest import Manifest


def confirm(registry: Registry, build: Build, seconds: float | None = None) -> Digest | None:
    """The manifest that was pushed for a build, which took so long; None where there is none.

    Also the way back from a run that was killed, or that could not list the packages: nothing is built again.

    Raises:
        BuilderError: (10 or 11) when the packages are to be listed and cannot be.
    """
    image = _pushed(registry, build)
    if image is None:
        return None
    if build.attestations.listed and not has_packages(registry, build, image):
        with_packages(registry, build, image)
    took = () if seconds is None else (staging.time_tag(build.key, seconds),)
    return _tell(registry, build, image, *took)


def _pushed(registry: Registry, build: Build) -> Manifest | None:
    found = registry.find_manifest(build.image)
    if found is None or not found.is_index:
        return found
    child = found.platforms().get(build.recipe.cell.platform)
    if child is None:
        return None
    image = registry.manifest(build.staging.at(child.digest))
    from_buildkit(registry, build, found, image)
    return image


def _tell(registry: Registry, build: Build, image: Manifest, *more: str) -> Digest:
    for tag in (staging.digest_tag(build.key, image.digest), staging.last_tag(build.name), *more):
        registry.put_manifest(build.staging, image.content, image.media_type, tag=tag)
    return image.digest
