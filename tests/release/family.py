"""A family of staged and tested images in a real registry, to release from."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from builder.model.cell import Level
from builder.model.digest import Digest
from builder.model.reference import Repository
from builder.model.release import Candidate
from builder.registry import Registry
from builder.release.order import Order
from builder.release.signing.bundle import KIND, STATEMENT
from builder.smoke.statement import statement
from tests.release.make import EPOCH, PLATFORMS, TERMS, Image, candidate, image, receipt
from tests.servers.images import CONFIG, LAYER


@dataclass(frozen=True)
class Family:
    """Where a test stages and releases."""

    registry: Registry
    staging: Repository
    release: Repository
    folder: Path | None = None
    epoch: date = EPOCH

    def candidate(self, name: str = "one", *, salt: str = "", require: Level = Level.CPU) -> Candidate:
        """A target, staged on two platforms and tested on the level that it requires."""
        images = [self.stage(self.image(name, p, salt=salt, require=require)) for p in PLATFORMS]
        self.attach_all(images, level=require)
        return candidate(*images, name=name, epoch=self.epoch)

    def image(self, *arguments: object, **settings: object) -> Image:
        """`make.image` for this family's staging repository and epoch."""
        return image(*arguments, **{"staging": self.staging, "epoch": self.epoch, **settings})  # type: ignore[arg-type]

    def stage(self, made: Image) -> Image:
        """Push an image."""
        self.registry.put_blob(self.staging, made.config, CONFIG)
        for layer in made.layers:
            self.registry.put_blob(self.staging, layer, LAYER)
        self.registry.put_manifest(self.staging, made.manifest.content, made.manifest.media_type)
        return made

    def attach(self, staged: Image, **changes: object) -> None:
        """Attach a receipt to an image; a `subject` among the changes makes it one for another digest."""
        told = receipt(**{"subject": staged.manifest.digest, **changes})  # type: ignore[arg-type]
        self.attach_bytes((staged, statement(told)))

    def attach_all(self, images: Iterable[Image], **changes: object) -> None:
        """Attach a receipt of its own to each."""
        told = [(made, receipt(made.manifest.digest, **changes)) for made in images]
        self.attach_bytes(*((made, statement(it)) for made, it in told))

    def attach_bytes(self, *attached: tuple[Image, bytes]) -> None:
        """Attach anything as receipts."""
        self.registry.put_blob(self.staging, b"{}")
        for _, payload in attached:
            self.registry.put_blob(self.staging, payload)
        self.registry.refer(self.staging, [staged.artifact(payload).content for staged, payload in attached])

    def attest(self, staged: Image, kind: str, told: bytes) -> None:
        """Attach a statement that is no receipt, as `bake` attaches BuildKit's."""
        self.registry.attach(
            self.staging, staged.manifest.descriptor, STATEMENT, told, STATEMENT, {KIND: kind}
        )

    def storage(self, blob: Digest) -> Path:
        """The file in which the registry keeps a blob."""
        assert self.folder
        (found,) = self.folder.rglob(f"blobs/sha256/{blob.hex[:2]}/{blob.hex}/data")
        return found

    def order(self, *candidates: Candidate, **changes: object) -> Order:
        """An order for these candidates."""
        return replace(Order(candidates, (self.release,), self.epoch, TERMS), **changes)  # type: ignore[arg-type]
