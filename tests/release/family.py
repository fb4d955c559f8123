"""A small family of staged and tested images, made of a few bytes each, to release from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

from builder.bake.labels import KEY, OURS
from builder.model.cell import Level
from builder.model.descriptor import MANIFEST, Descriptor
from builder.model.digest import Digest
from builder.model.platform import Platform
from builder.model.receipt import Check, Receipt, Status
from builder.model.reference import Repository
from builder.model.release import Candidate, Part
from builder.pipeline.release import Order
from builder.registry import Registry
from builder.release.gate import Terms
from builder.smoke.statement import ANNOTATIONS, ARTIFACT_TYPE, MEDIA_TYPE, statement
from tests.servers.images import AMD64, ARM64, CONFIG, LAYER, canonical

NOW = datetime(2026, 7, 10, 12, tzinfo=UTC)
EPOCH = date(2026, 7, 1)
TERMS = Terms(Digest.of(b"probe"), Digest.of(b"policy"), timedelta(days=90), NOW)
SHARED_LAYER = b"the layer that every image has"


def receipt(subject: Digest, **changes: object) -> Receipt:
    """A receipt that counts at NOW, but for the changes."""
    passed = bool(changes.get("passed", True))
    check = Check("works", "that it works", Status.PASSED if passed else Status.FAILED, 1)
    good = Receipt(subject, Level.CPU, passed, TERMS.probe, TERMS.policy, (check,), NOW - timedelta(days=1))
    return replace(good, **changes)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Family:
    """Where a test stages and releases; every method writes to a real registry."""

    registry: Registry
    staging: Repository
    release: Repository
    epoch: date = EPOCH
    platforms: Sequence[Platform] = field(default=(AMD64, ARM64))

    def candidate(self, name: str, *, salt: str = "", require: Level = Level.CPU) -> Candidate:
        """A target, staged on every platform and tested on the level that it requires."""
        parts = tuple(self.stage(name, platform, salt=salt, require=require) for platform in self.platforms)
        for part in parts:
            self.attach(part, level=require)
        return Candidate(name, (f"{name}-{self.epoch:%Y%m%d}",), (name,), parts)

    def stage(
        self,
        name: str,
        platform: Platform,
        *,
        salt: str = "",
        require: Level = Level.CPU,
        told: Mapping[str, str] | None = None,
        inside: Platform | None = None,
    ) -> Part:
        """Push a platform's image.

        `told` are labels that it has in place of the right ones, `inside` is the platform that its config names.
        """
        labels = {
            f"{OURS}target": name,
            f"{OURS}epoch": self.epoch.isoformat(),
            f"{OURS}platform": str(platform),
        }
        key = Digest.of(f"{name} {platform} {salt} {self.epoch}".encode())
        digest = self._push(f"{key}".encode(), inside or platform, {**labels, **(told or {})}, key)
        return Part(platform, require, self.staging, digest, key, labels)

    def _push(self, layer: bytes, platform: Platform, labels: Mapping[str, str], key: Digest) -> Digest:
        config = {
            "architecture": platform.architecture,
            "os": platform.os,
            "config": {"Labels": labels},
            "rootfs": {"type": "layers", "diff_ids": []},
        }
        manifest = {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": self.registry.put_blob(self.staging, canonical(config), CONFIG).json(),
            "layers": [
                self.registry.put_blob(self.staging, content, LAYER).json()
                for content in (SHARED_LAYER, layer)
            ],
            "annotations": {**labels, KEY: str(key)},
        }
        return self.registry.put_manifest(self.staging, canonical(manifest), MANIFEST).digest

    def attach(self, part: Part, **changes: object) -> Descriptor:
        """Attach a receipt to a part; a `subject` among the changes makes it one for another digest."""
        assert part.staged
        return self.attach_statement(part.staged, statement(receipt(**{"subject": part.staged, **changes})))  # type: ignore[arg-type]

    def attach_statement(self, subject: Digest, content: bytes) -> Descriptor:
        """Attach any bytes as a receipt."""
        manifest = self.registry.manifest(self.staging.at(subject))
        return self.registry.attach(
            self.staging, manifest.descriptor, ARTIFACT_TYPE, content, MEDIA_TYPE, ANNOTATIONS
        )

    def order(self, *candidates: Candidate, **changes: object) -> Order:
        """An order for these candidates."""
        return replace(Order(candidates, (self.release,), self.epoch, TERMS, 0.05), **changes)  # type: ignore[arg-type]
