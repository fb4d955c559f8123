"""What is known of a family: its members, their images, and its releases."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from builder.model.cell import Cell, Level
from builder.model.digest import Digest
from builder.model.platform import Platform
from builder.model.receipt import Receipt
from builder.model.reference import Repository


class State(StrEnum):
    """Where a member stands. `FAILED` is one that the gate refuses, `RETIRED` one no longer asked for."""

    PUBLISHED = "published"
    READY = "ready"
    WITHHELD = "withheld"
    FAILED = "failed"
    MISSING = "not built"
    RETIRED = "retired"

    @property
    def is_out(self) -> bool:
        """Whether users can pull it."""
        return self in (State.PUBLISHED, State.RETIRED)


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer of an image: its compressed size in bytes, and the part of the image that it is."""

    digest: Digest
    size: int
    part: str


@dataclass(frozen=True, slots=True)
class Image:
    """A published image of one platform. `packages` are the Python packages it was locked to, by name.

    `receipts` are those that the release repository has for it, newest first; `built` is how many seconds its
    build took, None where its provenance does not say.
    """

    platform: Platform
    digest: Digest
    layers: tuple[Layer, ...]
    packages: Mapping[str, str] = field(hash=False)
    receipts: tuple[Receipt, ...]
    built: float | None = None

    @property
    def size(self) -> int:
        """What a pull downloads, in bytes."""
        return sum(layer.size for layer in self.layers)

    @property
    def unpacked(self) -> int:
        """The bytes of its files, as a test counted them; 0 where none did."""
        return next((receipt.unpacked for receipt in self.receipts if receipt.unpacked), 0)

    @property
    def parts(self) -> Mapping[str, int]:
        """Bytes by part of the image, in the order of the layers."""
        sums: dict[str, int] = {}
        for layer in self.layers:
            sums[layer.part] = sums.get(layer.part, 0) + layer.size
        return sums

    @property
    def proof(self) -> Receipt | None:
        """The newest receipt of a passed test, one from a GPU before any other."""
        passed = [receipt for receipt in self.receipts if receipt.passed]
        return next((r for r in passed if r.level is Level.GPU), passed[0] if passed else None)

    @property
    def tested(self) -> float | None:
        """The seconds that the checks of its proof took; None where it has none."""
        return sum(check.milliseconds for check in self.proof.checks) / 1000 if self.proof else None


@dataclass(frozen=True, slots=True)
class Point:
    """A member at one release: bytes, and seconds of its build and test, by platform where they are known."""

    release: str
    day: date
    sizes: Mapping[Platform, int] = field(hash=False)
    built: Mapping[Platform, float] = field(hash=False)
    tested: Mapping[Platform, float] = field(hash=False)


@dataclass(frozen=True, slots=True)
class Member:
    """A target: what it is, what is published of it, and why nothing newer is where that is so.

    `values` are those of the axes that its platforms agree on. `index` is None where nothing is published;
    `lost` are platforms that were published and that the registry no longer has.
    """

    name: str
    state: State
    values: Mapping[str, str] = field(hash=False)
    cells: tuple[Cell, ...]
    tags: tuple[str, ...] = ()
    rolling: tuple[str, ...] = ()
    epoch: date | None = None
    index: Digest | None = None
    images: tuple[Image, ...] = ()
    lost: tuple[Platform, ...] = ()
    history: tuple[Point, ...] = ()
    reasons: tuple[str, ...] = ()

    @property
    def platforms(self) -> tuple[Platform, ...]:
        """Its platforms."""
        return tuple(cell.platform for cell in self.cells)

    @property
    def tag(self) -> str:
        """The tag that people type; its name where nothing is published."""
        return next(iter((*self.rolling, *self.tags)), self.name)

    @property
    def size(self) -> int:
        """The largest of its images, in bytes."""
        return max((image.size for image in self.images), default=0)


@dataclass(frozen=True, slots=True)
class Change:
    """A target that a release brought, changed or dropped, and the inputs that had changed."""

    target: str
    kind: str
    why: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Release:
    """A release as its record has it. `images` and `size` (bytes, each layer once) are of all targets.

    `built` and `tested` are the seconds of all images together, each as it was built and tested once; None
    where one of them does not say.
    """

    name: str
    day: date
    targets: int
    images: int
    size: int
    changes: tuple[Change, ...]
    rollback: str = ""
    built: float | None = None
    tested: float | None = None


@dataclass(frozen=True, slots=True)
class Family:
    """All members in the order of their names, and the releases, newest last. `now` is UTC.

    `gaps` are records and images of the past that the registry no longer has; `notes` are for people.
    """

    repository: Repository
    now: datetime
    members: tuple[Member, ...]
    releases: tuple[Release, ...] = ()
    gaps: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def count(self, state: State) -> int:
        """How many members stand so."""
        return sum(member.state is state for member in self.members)

    @property
    def images(self) -> tuple[Image, ...]:
        """All published images."""
        return tuple(image for member in self.members for image in member.images)

    @property
    def pulled(self) -> int:
        """What pulling every image on its own would download, in bytes."""
        return sum(image.size for image in self.images)

    @property
    def stored(self) -> int:
        """What the registry stores: each layer once, in bytes."""
        return sum({layer.digest: layer.size for image in self.images for layer in image.layers}.values())

    @property
    def saved(self) -> int:
        """What images spare by having layers in common, in bytes."""
        return self.pulled - self.stored
