"""What images are made of, and how much of that they share, for the templates to draw as bars."""

from dataclasses import dataclass

from builder.model.digest import Digest
from builder.report.family.values import Family, Image


@dataclass(frozen=True, slots=True)
class Share:
    """A part of an image: its bytes, and per cent of the whole image."""

    part: str
    size: int
    percent: float


@dataclass(frozen=True, slots=True)
class Sharing:
    """A part of all images: bytes that every pull on its own would download, and that the registry stores.

    The percentages are of the largest part's `pulled`.
    """

    part: str
    pulled: int
    stored: int
    pulled_percent: float
    stored_percent: float


def shares(image: Image) -> tuple[Share, ...]:
    """The parts of an image that one would see, in the order of its layers."""
    whole = image.size or 1
    return tuple(
        Share(name, count, 100 * count / whole) for name, count in image.parts.items() if count * 1000 > whole
    )


def sharing(family: Family) -> tuple[Sharing, ...]:
    """The parts of the family's images that one would see, the largest first."""
    pulled: dict[str, int] = {}
    stored: dict[str, dict[Digest, int]] = {}
    for layer in (layer for image in family.images for layer in image.layers):
        pulled[layer.part] = pulled.get(layer.part, 0) + layer.size
        stored.setdefault(layer.part, {})[layer.digest] = layer.size
    most = max(pulled.values(), default=0)
    return tuple(
        Sharing(part, size, kept, 100 * size / most, 100 * kept / most)
        for part, size in sorted(pulled.items(), key=lambda item: -item[1])
        if size * 1000 > most
        for kept in [sum(stored[part].values())]
    )
