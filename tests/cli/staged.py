"""A matrix whose images are staged without a build: a few bytes with the labels of their builds."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

from builder.bake import staging
from builder.bake.definition import Build
from builder.bake.labels import annotations
from builder.bake.recipe import canonical as inputs
from builder.matrix import lock as locks
from builder.model.cell import Level
from builder.model.descriptor import MANIFEST, Descriptor
from builder.model.digest import Digest
from builder.model.receipt import Check, Receipt, Status
from builder.pipeline.inputs.prepare import Work, prepare
from builder.pipeline.inputs.project import lock_path, read_lock
from builder.pipeline.staging.plan import plan
from builder.pipeline.staging.smoke import attach
from builder.registry import Registry
from builder.release.signing.sign import Signer
from tests.servers.fixtures import QUICK
from tests.servers.images import CONFIG, LAYER, canonical


@dataclass(frozen=True)
class Staged:
    """A matrix file with its lock."""

    file: Path

    @property
    def work(self) -> Work:
        """All of it."""
        return prepare(self.file, (), datetime.now(UTC).date())

    def lock_to(self, epoch: date) -> None:
        """Move the lock to another epoch, so that everything is to be built anew."""
        lock = read_lock(self.file)
        assert lock
        lock_path(self.file).write_text(locks.dump(replace(lock, epoch=epoch)))

    def stage(self) -> None:
        """Push an image for every build, with the tags that bake gives it."""
        with Registry(QUICK) as registry:
            for build in self.work.builds:
                push(registry, build)

    def test(self, *, passed: bool = True, signer: Signer | None = None) -> None:
        """Attach a receipt to every image that is staged."""
        work = self.work
        with Registry(QUICK) as registry:
            for step in plan(registry, work.builds, work.terms):
                assert step.staged
                status = Status.PASSED if passed else Status.FAILED
                check = Check("works", "that it works", status, 1)
                now = datetime.now(UTC).replace(microsecond=0)
                told = Receipt(
                    step.staged, Level.CPU, passed, work.terms.probe, work.terms.policy, (check,), now
                )
                attach(registry, step, told, work.terms, signer)


def push(registry: Registry, build: Build) -> Digest:
    """Push what stands for a build's image."""
    layer = str(build.key).encode()
    platform = build.recipe.cell.platform
    config = canonical(
        {
            "architecture": platform.architecture,
            "os": platform.os,
            "config": {"Labels": dict(build.labels)},
            "rootfs": {"type": "layers", "diff_ids": [str(Digest.of(layer))]},
        }
    )
    manifest = canonical(
        {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": Descriptor.of(CONFIG, config).json(),
            "layers": [Descriptor.of(LAYER, layer).json()],
            "annotations": annotations(build.labels, build.key, inputs(build.recipe.inputs())),
        }
    )
    registry.put_blob(build.staging, config, CONFIG)
    registry.put_blob(build.staging, layer, LAYER)
    digest = Digest.of(manifest)
    for tag in (staging.key_tag(build.key), staging.digest_tag(build.key, digest)):
        registry.put_manifest(build.staging, manifest, MANIFEST, tag=tag)
    return digest
