"""Releases past their end are told so, once, and stay."""

from datetime import timedelta

from builder.bake.labels import OURS
from builder.pipeline.existing.lifecycle import ARTIFACT_TYPE, END, ended
from builder.pipeline.release import release
from builder.release.notes import end_of_life
from tests.release.family import Family
from tests.release.make import candidate
from tests.servers.images import AMD64


def test_the_end_of_a_release_is_attached_to_its_index_once(family: Family) -> None:
    end = end_of_life("", "debian12")
    assert end
    targets = []
    for name, os in (("old", "debian12"), ("unknown", "no-such-system")):
        made = family.stage(family.image(name, AMD64, more={f"{OURS}os": os, f"{OURS}cuda": "cpu"}))
        family.attach(made)
        targets.append(candidate(made, name=name))
    release(family.registry, family.order(*targets))
    places = [family.release]
    assert ended(family.registry, places, end - timedelta(days=1), apply=True) == ()
    (found,) = ended(family.registry, places, end)
    assert (found.entry.target, found.end, found.noted) == ("old", end, False)
    ended(family.registry, places, end, apply=True)
    (told,) = family.registry.referrers(family.release, found.entry.index.digest, ARTIFACT_TYPE)
    assert told.annotations[END] == end.isoformat()
    writes = family.registry.requests.writes
    (again,) = ended(family.registry, places, end, apply=True)
    assert again.noted
    assert family.registry.requests.writes == writes
    assert family.registry.resolve(family.release.tag("old"))
