"""What is read back from a real registry after real releases, and what is lost on the way."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from builder.bake.labels import INPUTS, OURS
from builder.model.cell import Level
from builder.model.digest import Digest
from builder.model.errors import BuilderError, ExitCode
from builder.model.receipt import Check, Status
from builder.model.reference import Repository
from builder.model.release import Candidate
from builder.pipeline.release import release
from builder.pipeline.report import collect
from builder.registry import Registry
from builder.report.family.text import markdown, text
from builder.report.family.values import Change, State
from builder.report.site.history import of_member
from tests.release.family import Family
from tests.release.make import EPOCH, NOW, PLATFORMS, PROVENANCE, candidate, provenance
from tests.servers.images import AMD64, ARM64

LATER = EPOCH + timedelta(days=7)


def publish(family: Family, *candidates: Candidate) -> None:
    report = release(family.registry, family.order(*candidates))
    assert report.records, report


def made(family: Family, name: str, *, torch: str = "", salt: str = "") -> Candidate:
    """A target whose builds say which torch they were locked to."""
    inputs = json.dumps(
        {"epoch": str(family.epoch), "wheels": [f"torch=={torch} sha256:{'0' * 64}"] if torch else []}
    )
    more = {
        INPUTS: inputs,
        f"{OURS}flavor": "devel",
        f"{OURS}os": "debian12",
        f"{OURS}torch": torch or "none",
    }
    images = [family.stage(family.image(name, p, salt=salt + torch, more=more)) for p in PLATFORMS]
    family.attach_all(images, level=Level.CPU)
    return candidate(*images, name=name, epoch=family.epoch)


def test_a_release_is_read_back_whole(family: Family) -> None:
    publish(family, made(family, "one", torch="2.9.0"))
    found = collect(family.registry, family.release, NOW)
    (one,) = found.members
    assert (one.name, one.state, one.tag) == ("one", State.PUBLISHED, "one")
    assert one.tags == ("one-20260701",)
    assert one.index == family.registry.manifest(family.release.tag("one")).digest
    assert one.values["cuda"] == "13.0.2"
    assert one.values["flavor"] == "devel"
    assert [image.platform for image in one.images] == list(PLATFORMS)
    for image in one.images:
        manifest = family.registry.manifest(family.release.at(image.digest))
        assert [(layer.digest, layer.size) for layer in image.layers] == [
            (x.digest, x.size) for x in manifest.layers
        ]
        assert image.packages == {"torch": "2.9.0"}
        assert image.proof is not None
        assert image.proof.subject == image.digest
    assert found.gaps == ()
    (told,) = found.releases
    assert (told.name, told.targets, told.images) == ("release-20260701-1", 1, 2)
    assert told.changes == (Change("one", "new"),)


def test_layers_that_images_share_are_stored_once(family: Family) -> None:
    publish(family, made(family, "one"), made(family, "two"))
    found = collect(family.registry, family.release, NOW)
    common = len(b"the layer that every image has")
    assert found.pulled - found.stored == 3 * common


def test_a_later_release_says_what_changed_and_keeps_history(family: Family) -> None:
    publish(family, made(family, "one", torch="2.9.0"), made(family, "same"))
    later = replace(family, epoch=LATER)
    publish(later, made(later, "one", torch="2.9.1"))
    found = collect(family.registry, family.release, NOW)
    assert [told.name for told in found.releases] == ["release-20260701-1", "release-20260708-2"]
    (change,) = found.releases[-1].changes
    assert (change.target, change.kind) == ("one", "changed")
    assert "torch 2.9.0 → 2.9.1" in change.why
    one, same = found.members
    assert [point.release for point in one.history] == ["release-20260701-1", "release-20260708-2"]
    assert one.epoch == LATER
    assert same.epoch == EPOCH


def test_a_limit_on_history_does_not_make_old_targets_new(family: Family) -> None:
    publish(family, made(family, "one"))
    for i in range(1, 4):
        later = replace(family, epoch=EPOCH + timedelta(days=i))
        publish(later, made(later, "two", salt=str(i)))
    found = collect(family.registry, family.release, NOW, history=2)
    assert [told.name for told in found.releases] == ["release-20260703-3", "release-20260704-4"]
    assert {change.target for told in found.releases for change in told.changes} == {"two"}
    assert {member.name for member in found.members} == {"one", "two"}


def test_what_was_pruned_is_a_gap_and_no_error(family: Family) -> None:
    publish(family, made(family, "one", torch="2.9.0"))
    old = family.registry.platforms(family.release.tag("one"))[AMD64].digest
    later = replace(family, epoch=LATER)
    publish(later, made(later, "one", torch="2.9.1"))
    family.registry.delete(family.release.at(old))
    found = collect(family.registry, family.release, NOW)
    assert found.gaps == ("release-20260701-1: the registry no longer has 1 of its images",)
    (one,) = found.members
    assert AMD64 not in one.history[0].sizes
    assert AMD64 in one.history[1].sizes


def test_a_published_image_that_is_gone_is_said_to_be_lost(family: Family) -> None:
    publish(family, made(family, "one"))
    family.registry.delete(
        family.release.at(family.registry.platforms(family.release.tag("one"))[AMD64].digest)
    )
    found = collect(family.registry, family.release, NOW)
    assert found.members[0].lost == (AMD64,)
    assert "one: the registry has lost its image for linux/amd64" in text(found)


def test_an_old_record_that_is_none_is_a_gap_and_the_newest_an_error(family: Family) -> None:
    publish(family, made(family, "one"))
    good = family.registry.manifest(family.release.tag("release-20260701-1"))
    image = family.registry.manifest(family.release.tag("one"))
    later = replace(family, epoch=LATER)
    publish(later, made(later, "two"))
    family.registry.put_manifest(family.release, image.content, image.media_type, tag="release-20260701-1")
    found = collect(family.registry, family.release, NOW)
    assert any("release-20260701-1 cannot be read" in gap for gap in found.gaps)
    assert {member.name for member in found.members} == {"one", "two"}
    family.registry.put_manifest(family.release, good.content, good.media_type, tag="release-20260701-1")
    family.registry.put_manifest(family.release, image.content, image.media_type, tag="release-20260708-2")
    with pytest.raises(BuilderError, match="no release record"):
        collect(family.registry, family.release, NOW)


def test_a_registry_that_cannot_answer_is_no_gap(registry: Registry) -> None:
    with pytest.raises(BuilderError) as failed:
        collect(registry, Repository("127.0.0.1:1", "acme/cuda"), NOW)
    assert failed.value.code is ExitCode.UNAVAILABLE


def test_an_empty_repository_is_a_family_of_nothing(family: Family) -> None:
    found = collect(family.registry, family.release, NOW)
    assert found.members == ()
    assert text(found) == f"{family.release} holds no release\nnothing"


def test_the_newest_gpu_receipt_is_the_proof(family: Family) -> None:
    images = [family.stage(family.image("one", platform)) for platform in PLATFORMS]
    family.attach_all(images, level=Level.CPU)
    matmul = Check("work.matmul", "products agree", Status.PASSED, 2500)
    seen = {"host": {"gpu": "NVIDIA H200"}, "checks": (matmul,), "when": NOW - timedelta(days=2)}
    family.attach(images[0], level=Level.GPU, **seen)
    one = candidate(*images)
    publish(family, one)
    found = collect(family.registry, family.release, NOW)
    proof = found.members[0].images[0].proof
    assert proof is not None
    assert (proof.level, proof.host["gpu"]) == (Level.GPU, "NVIDIA H200")
    assert found.members[0].history[0].tested[AMD64] == 2.5
    assert "NVIDIA H200, cpu, 2026-07-09" in text(found)


def test_how_long_builds_took_is_told_by_their_provenance(family: Family) -> None:
    images = [family.stage(family.image("one", platform)) for platform in PLATFORMS]
    family.attach_all(images)
    family.attest(images[0], PROVENANCE, provenance(100))
    # The same image once more, from a cache.
    family.attest(images[0], PROVENANCE, provenance(4))
    family.attest(images[1], PROVENANCE, provenance(250))
    publish(family, candidate(*images))
    later = replace(family, epoch=LATER)
    half = [later.stage(later.image("one", platform)) for platform in PLATFORMS]
    later.attach_all(half)
    later.attest(half[0], PROVENANCE, provenance(90))
    later.attest(half[1], PROVENANCE, b"it was long")
    publish(later, candidate(*half, epoch=LATER))
    found = collect(family.registry, family.release, NOW)
    assert [dict(point.built) for point in found.members[0].history] == [
        {AMD64: 100.0, ARM64: 250.0},
        {AMD64: 90.0},
    ]
    assert [image.built for image in found.members[0].images] == [90.0, None]
    assert [told.built for told in found.releases] == [350.0, None]
    assert [told.tested for told in found.releases] == [0.002, 0.002]
    (charts,) = {tuple(chart.title for chart in of_member(member)) for member in found.members}
    assert charts == ("Compressed size", "Build", "Smoke test")


def test_provenance_that_the_registry_lost_stops_nothing(family: Family) -> None:
    images = [family.stage(family.image("one", platform)) for platform in PLATFORMS]
    family.attach_all(images)
    told = provenance(100)
    family.attest(images[0], PROVENANCE, told)
    publish(family, candidate(*images))
    family.storage(Digest.of(told)).unlink()
    found = collect(family.registry, family.release, NOW)
    assert [image.built for image in found.members[0].images] == [None, None]


def test_text_and_markdown_have_the_same_rows(family: Family) -> None:
    publish(family, made(family, "one", torch="2.9.0"), made(family, "two"))
    found = collect(family.registry, family.release, NOW)
    lines = text(found).splitlines()
    assert lines[0] == f"{family.release}, release-20260701-1"
    assert [line.split()[0] for line in lines[2:4]] == ["one", "two"]
    table = [line for line in markdown(found).splitlines() if line.startswith("| `")]
    assert [line.split("`")[1] for line in table] == ["one", "two"]
    assert "2 published; 4 images" in markdown(found)
