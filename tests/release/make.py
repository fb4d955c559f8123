"""Images and receipts of a few bytes, as values: what staging would hold of them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from builder.bake.labels import KEY, OURS
from builder.model.cell import Level
from builder.model.descriptor import EMPTY, MANIFEST, Descriptor
from builder.model.digest import Digest
from builder.model.platform import Platform
from builder.model.receipt import Check, Receipt, Status
from builder.model.reference import Repository
from builder.model.release import Candidate, Part
from builder.registry import Manifest
from builder.release.gate import Attested, Evidence, Terms
from builder.smoke.statement import ARTIFACT_TYPE, MEDIA_TYPE, statement
from tests.servers.images import AMD64, ARM64, CONFIG, LAYER, canonical

NOW = datetime(2026, 7, 10, 12, tzinfo=UTC)
EPOCH = date(2026, 7, 1)
PROBE, POLICY = Digest.of(b"probe"), Digest.of(b"policy")
TERMS = Terms(PROBE, POLICY, timedelta(days=90), NOW)
PROVENANCE = "https://slsa.dev/provenance/v0.2"
STAGING = Repository.parse("registry.example/acme/cuda-staging")
PLATFORMS = (AMD64, ARM64)


@dataclass(frozen=True)
class Image:
    """A platform's image: the part of a candidate, and the bytes that staging holds for it."""

    part: Part
    manifest: Manifest
    config: bytes
    layers: tuple[bytes, ...]
    labels: Mapping[str, str]

    def evidence(self, *receipts: Receipt) -> Evidence:
        """What the gate is shown of it."""
        found = tuple(Attested(self.artifact(statement(told)), told) for told in receipts)
        return Evidence(self.manifest, self.config, self.labels, found)

    def artifact(self, payload: bytes) -> Manifest:
        """Something that is attached to it as a receipt."""
        manifest = {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "artifactType": ARTIFACT_TYPE,
            "config": Descriptor.of(EMPTY, b"{}").json(),
            "layers": [Descriptor.of(MEDIA_TYPE, payload).json()],
            "subject": self.manifest.descriptor.json(),
        }
        return Manifest.parse(canonical(manifest))


def image(
    name: str = "one",
    platform: Platform = AMD64,
    *,
    salt: str = "",
    require: Level = Level.CPU,
    staging: Repository = STAGING,
    epoch: date = EPOCH,
    layers: tuple[bytes, ...] = (),
    told: Mapping[str, str] | None = None,
    more: Mapping[str, str] | None = None,
    inside: Platform | None = None,
) -> Image:
    """An image of a target.

    `told` are labels that it has in place of the right ones, `more` are right ones besides the usual;
    `inside` is the platform that its config names. Without `layers` it has one that all have, and its own.
    """
    own = {"target": name, "epoch": epoch.isoformat(), "platform": str(platform), "cuda": "13.0.2"}
    right = {**{f"{OURS}{label}": value for label, value in own.items()}, **(more or {})}
    labels = {**right, **(told or {})}
    key = Digest.of(f"{name} {platform} {salt} {epoch}".encode())
    layers = layers or (b"the layer that every image has", str(key).encode())
    config = canonical(
        {
            "architecture": (inside or platform).architecture,
            "os": platform.os,
            "config": {"Labels": labels},
            "rootfs": {"type": "layers", "diff_ids": [str(Digest.of(layer)) for layer in layers]},
        }
    )
    content = canonical(
        {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": Descriptor.of(CONFIG, config).json(),
            "layers": [Descriptor.of(LAYER, layer).json() for layer in layers],
            "annotations": {**labels, KEY: str(key)},
        }
    )
    manifest = Manifest.parse(content)
    return Image(
        Part(platform, require, staging, manifest.digest, key, right), manifest, config, layers, labels
    )


def candidate(*images: Image, name: str = "one", epoch: date = EPOCH) -> Candidate:
    """The candidate of these images."""
    return Candidate(name, (f"{name}-{epoch:%Y%m%d}",), (name,), tuple(image.part for image in images))


def receipt(subject: Digest, **changes: object) -> Receipt:
    """A receipt that counts at NOW, but for the changes."""
    status = Status.PASSED if changes.get("passed", True) else Status.FAILED
    check = Check("works", "that it works", status, 1)
    day = NOW - timedelta(days=1)
    good = Receipt(subject, Level.CPU, True, PROBE, POLICY, (check,), day)
    return replace(good, **changes)  # type: ignore[arg-type]


def provenance(seconds: float) -> bytes:
    """The part of BuildKit's provenance that tells how long a build took."""
    began = datetime(2026, 7, 1, 8, tzinfo=UTC)
    times = {"buildStartedOn": began, "buildFinishedOn": began + timedelta(seconds=seconds)}
    metadata = {name: f"{time:%Y-%m-%dT%H:%M:%S.%f}00Z" for name, time in times.items()}
    return canonical({"predicateType": PROVENANCE, "subject": [], "predicate": {"metadata": metadata}})
