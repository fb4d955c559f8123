"""What images of a family save by sharing layers: a registry, and a machine, has each layer once."""

from collections import Counter
from collections.abc import Mapping

from builder.model.digest import Digest
from builder.report.family.values import Family, Image


def uses(family: Family) -> Mapping[Digest, int]:
    """How many images of the family have each layer."""
    return Counter(digest for image in family.images for digest in {layer.digest for layer in image.layers})


def own(image: Image, used: Mapping[Digest, int]) -> int:
    """The bytes of an image that no other image of its family has, by what `uses` counted."""
    return sum(layer.size for layer in image.layers if used[layer.digest] == 1)


def saved(image: Image, used: Mapping[Digest, int]) -> int:
    """The bytes of an image that a pull spares who has the others: those of layers that they have, too."""
    return image.size - own(image, used)
