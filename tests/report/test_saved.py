"""What images save by sharing layers, with sums that can be done in one's head."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from builder.model.digest import Digest
from builder.model.reference import Repository
from builder.report.family.data import data
from builder.report.family.saved import own, saved, uses
from builder.report.family.text import sums, text
from builder.report.family.values import Family, Image, Layer, Member, State
from tests.report.planted import family as planted
from tests.servers.images import AMD64

MB = 1_000_000
# A base of 30 MB that all have, CUDA of 500 that two have, and packages of their own.
LAYERS = {
    "plain": (("base", 30), ("plain", 5)),
    "one": (("base", 30), ("cuda", 500), ("torch", 700)),
    "other": (("base", 30), ("cuda", 500), ("service", 40)),
}
SAVED = {"plain": 30, "one": 530, "other": 530}


def _image(name: str) -> Image:
    layers = (Layer(Digest.of(part.encode()), size * MB, part) for part, size in LAYERS[name])
    return Image(AMD64, Digest.of(name.encode()), tuple(layers), {}, ())


def _member(name: str) -> Member:
    return Member(name, State.PUBLISHED, {}, (), index=Digest.of(b"index"), images=(_image(name),))


FAMILY = Family(
    Repository("ghcr.io", "acme/cuda"), datetime(2026, 11, 21, tzinfo=UTC), tuple(map(_member, LAYERS))
)


@pytest.mark.parametrize("name", LAYERS)
def test_an_image_saves_what_others_have(name: str) -> None:
    assert saved(_image(name), uses(FAMILY)) == SAVED[name] * MB
    (told,) = (one["images"] for one in data(FAMILY)["members"] if one["name"] == name)
    assert [image["saved"] for image in told] == [SAVED[name] * MB]


def test_an_image_by_itself_saves_nothing() -> None:
    alone = replace(FAMILY, members=(_member("one"),))
    assert saved(_image("one"), uses(alone)) == 0
    assert alone.saved == 0


def test_a_family_saves_what_is_stored_once() -> None:
    assert data(FAMILY)["bytes"] == {"pulled": 1835 * MB, "stored": 1275 * MB, "saved": 560 * MB}
    assert sums(FAMILY) == "3 published; 3 images of 1.8 GB, stored in 1.3 GB: 560 MB are saved"


def test_people_see_it_beside_the_size() -> None:
    rows = {line.split()[0]: line for line in text(FAMILY).splitlines()[2:5]}
    assert "1.2 GB" in rows["one"]
    assert "530 MB" in rows["one"]
    assert "30 MB" in rows["plain"]


def test_the_sums_of_a_large_family_agree() -> None:
    """What is stored is what is one's own, and each layer that is shared once."""
    family = planted()
    used = uses(family)
    layers = (layer for image in family.images for layer in image.layers)
    shared = {layer.digest: layer.size for layer in layers if used[layer.digest] > 1}
    assert family.stored == sum(own(image, used) for image in family.images) + sum(shared.values())
    assert family.saved == sum(saved(image, used) for image in family.images) - sum(shared.values())
