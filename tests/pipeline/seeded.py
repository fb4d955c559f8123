"""A local registry with the tags that the tables know of nvidia/cuda, and the family's matrix on it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from builder.facts import tags
from builder.matrix import lock as locks
from builder.matrix.lock import Lock
from builder.model.descriptor import INDEX, Descriptor
from builder.model.platform import Platform
from builder.model.reference import Reference, Repository
from builder.pipeline.inputs.project import Project, lock_path, read
from builder.pipeline.lock import Needs, lock, needs
from builder.registry import Registry, map_concurrently
from tests.matrix.samples import TODAY, lock_for
from tests.servers.images import canonical, push_image

FAMILY = Path(__file__).parents[2] / "matrix.yaml"


def seed(registry: Registry, repository: Repository) -> int:
    """Push a tiny index for every tag that the tables know, with its platforms; returns their number."""
    wanted = {
        f"{listing.cuda}-{flavor}-{listing.os}": listing.cudnn_arches
        if flavor.startswith("cudnn")
        else listing.arches
        for listing in tags.listings().values()
        for flavor in listing.flavors
    }
    arches = sorted({arch for some in wanted.values() for arch in some})
    children = {arch: child(registry, repository, arch) for arch in arches}
    map_concurrently(
        lambda it: push(registry, repository.tag(it[0]), [children[arch] for arch in it[1]]), wanted.items()
    )
    return len(wanted)


def child(registry: Registry, repository: Repository, arch: str, salt: str = "") -> Descriptor:
    """An image for a platform, pushed without a tag."""
    platform = Platform("linux", arch)
    pushed = push_image(registry, Reference(repository), platform=platform, layer=f"{arch} {salt}".encode())
    return replace(pushed, platform=platform)


def push(registry: Registry, tag: Reference, children: Iterable[Descriptor]) -> Descriptor:
    """Push an index of its own digest under a tag."""
    index = {
        "schemaVersion": 2,
        "mediaType": INDEX,
        "manifests": [one.json() for one in children],
        "annotations": {"tag": tag.tag},
    }
    return registry.put_manifest(tag.repository, canonical(index), INDEX, tag=tag.tag)


@dataclass(frozen=True)
class Here:
    """A matrix whose bases, staging and release repositories are all on one host, and its file."""

    file: Path
    host: str

    @property
    def cuda(self) -> Repository:
        return Repository(self.host, "nvidia/cuda")

    @property
    def release(self) -> Repository:
        return Repository(self.host, "acme/cuda")

    @property
    def staging(self) -> Repository:
        return Repository(self.host, "acme/cuda-staging")

    def read(self) -> Project:
        return read(self.file, TODAY)


def family(folder: Path, host: str) -> Here:
    """The real matrix with other hosts."""
    return write(folder, host, FAMILY.read_text().replace("ghcr.io", host).replace("nvcr.io", host))


def write(folder: Path, host: str, text: str) -> Here:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "matrix.yaml"
    file.write_text(text)
    return Here(file, host)


def lock_here(registry: Registry, here: Here) -> Lock:
    """Lock the bases as they are, and wheels that are made up."""
    project = here.read()
    wanted = Needs(needs(project.matrix, project.expansion.cells).bases, {})
    found = lock(registry, wanted, None, update=False, today=TODAY)
    whole = replace(found, wheels=lock_for(project.loaded, project.expansion).wheels)
    lock_path(here.file).write_text(locks.dump(whole))
    return whole
