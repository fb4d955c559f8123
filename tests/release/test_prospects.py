"""What a plan says of the release: it is what the release then does."""

from dataclasses import replace

from builder.model.platform import Platform
from builder.model.release import Candidate
from builder.pipeline.existing.prospects import Prospect, prospects
from builder.pipeline.release import release
from tests.release.family import Family


def told(family: Family, *candidates: Candidate) -> dict[str, Prospect]:
    return dict(prospects(family.registry, family.order(*candidates)))


def test_what_is_released_is_unchanged_and_what_is_not_is_to_publish(family: Family) -> None:
    one, two = family.candidate("one"), family.candidate("two")
    assert told(family, one, two) == {"one": Prospect.PUBLISH, "two": Prospect.PUBLISH}
    release(family.registry, family.order(one))
    assert told(family, one, two) == {"one": Prospect.UNCHANGED, "two": Prospect.PUBLISH}


def test_tags_of_another_build_are_taken(family: Family) -> None:
    release(family.registry, family.order(family.candidate("one")))
    assert told(family, family.candidate("one", salt="again")) == {"one": Prospect.TAKEN}
    unbuilt = family.candidate("one")
    parts = tuple(replace(part, staged=None) for part in unbuilt.parts)
    assert told(family, replace(unbuilt, parts=parts)) == {"one": Prospect.TAKEN}


def test_tags_that_nobody_recorded_are_taken(family: Family) -> None:
    one = family.candidate("one")
    made = family.stage(replace(family.image("other"), part=replace(one.parts[0], staging=family.release)))
    family.registry.put_blob(family.release, made.config)
    for layer in made.layers:
        family.registry.put_blob(family.release, layer)
    content, media_type = made.manifest.content, made.manifest.media_type
    family.registry.put_manifest(family.release, content, media_type, tag=one.tags[0])
    assert told(family, one) == {"one": Prospect.TAKEN}


def test_tags_that_nobody_recorded_are_free_where_they_are_of_the_same_images(family: Family) -> None:
    """As a release leaves them that ended between its tags and its record; the next one adopts them."""
    one = family.candidate("one")
    release(family.registry, family.order(one))
    made = family.registry.manifest(family.release.tag(one.tags[0]))
    renamed = replace(one, tags=(f"{one.tags[0]}-more",))
    family.registry.put_manifest(family.release, made.content, made.media_type, tag=renamed.tags[0])
    assert told(family, renamed) == {"one": Prospect.PUBLISH}
    release(family.registry, family.order(renamed))
    assert told(family, renamed) == {"one": Prospect.UNCHANGED}


def test_a_rolling_tag_that_somebody_moved_is_to_publish(family: Family) -> None:
    one, two = family.candidate("one"), family.candidate("two")
    release(family.registry, family.order(one, two))
    other = family.registry.manifest(family.release.tag(two.tags[0]))
    family.registry.put_manifest(family.release, other.content, other.media_type, tag=one.rolling[0])
    assert told(family, one, two) == {"one": Prospect.PUBLISH, "two": Prospect.UNCHANGED}


def test_part_of_a_target_has_no_prospect(family: Family) -> None:
    one = replace(family.candidate("one"), dropped=(Platform.parse("linux/arm64"),))
    assert told(family, one) == {}
