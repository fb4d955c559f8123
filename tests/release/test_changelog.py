"""What changed between two releases, with lists of packages and without."""

import json
from dataclasses import replace
from datetime import date

import pytest

from builder.bake.labels import INPUTS
from builder.model.release import Candidate
from builder.pipeline.changelog import changelog
from builder.pipeline.release import release
from builder.release.signing.bundle import KIND, STATEMENT
from builder.release.statements.sbom import PREDICATE_TYPE, packages
from builder.report.changelog import PackageChange, data, markdown
from tests.release.family import Family
from tests.release.make import PLATFORMS, candidate

LATER = date(2026, 8, 1)


def package(kind: str, name: str, version: str) -> dict[str, object]:
    """A package as SPDX 2.3 writes it."""
    purl = {"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl"}
    locator = f"pkg:{kind}/{name}@{version}"
    return {
        "name": name,
        "versionInfo": version,
        "externalRefs": [{**purl, "referenceLocator": locator}],
    }


def document(*found: dict[str, object]) -> dict[str, object]:
    """A list of packages; the image itself is in it too, without a purl."""
    return {"spdxVersion": "SPDX-2.3", "packages": [{"name": "the image", "versionInfo": "1"}, *found]}


def statement(*found: dict[str, object]) -> bytes:
    """The same as an in-toto statement."""
    told = {"_type": "https://in-toto.io/Statement/v0.1", "subject": []}
    return json.dumps({**told, "predicateType": PREDICATE_TYPE, "predicate": document(*found)}).encode()


def made(family: Family, name: str, torch: str, *listed: dict[str, object]) -> Candidate:
    """A target that was locked to a torch, with a list of its packages where some are given."""
    more = {INPUTS: json.dumps({"wheels": [f"torch=={torch} sha256:{'0' * 64}"]})}
    images = [family.stage(family.image(name, platform, salt=torch, more=more)) for platform in PLATFORMS]
    family.attach_all(images)
    for image in images if listed else ():
        family.registry.attach(
            family.staging,
            image.manifest.descriptor,
            STATEMENT,
            statement(*listed),
            STATEMENT,
            {KIND: PREDICATE_TYPE},
        )
    return candidate(*images, name=name, epoch=family.epoch)


def test_the_packages_of_two_releases_are_compared(family: Family) -> None:
    libc = package("deb", "libc6", "2.36-9"), package("deb", "libc6", "2.36-10")
    gone, new = package("rpm", "curl", "8.0"), package("pypi", "numpy", "2.4.0")
    dropped = made(family, "dropped", "2.9.0")
    release(
        family.registry,
        family.order(made(family, "listed", "2.9.0", libc[0], gone), made(family, "bare", "2.9.0"), dropped),
    )
    later = replace(family, epoch=LATER)
    release(
        family.registry,
        later.order(made(later, "listed", "2.9.1", libc[1], new), made(later, "bare", "2.9.1")),
    )
    found = changelog(family.registry, family.release)
    assert (found.before, found.after) == ("release-20260701-1", "release-20260801-2")
    bare, listed = found.changes
    assert listed.packages == (
        PackageChange("deb libc6", "2.36-9", "2.36-10"),
        PackageChange("pypi numpy", "", "2.4.0"),
        PackageChange("rpm curl", "8.0", ""),
    )
    assert listed.note == ""
    assert bare.packages == (PackageChange("torch", "2.9.0", "2.9.1"),)
    assert "no list of packages is attached" in bare.note
    page = markdown(found)
    for line in ("deb libc6 2.36-9 → 2.36-10", "pypi numpy 2.4.0 is new", "rpm curl 8.0 is gone", bare.note):
        assert f"  - {line}" in page
    assert data(found)["changes"][1]["packages"][1] == {"name": "pypi numpy", "from": "", "to": "2.4.0"}


def test_an_image_that_was_lost_is_said_so(family: Family) -> None:
    one = made(family, "one", "2.9.0")
    release(family.registry, family.order(one))
    later = replace(family, epoch=LATER)
    release(family.registry, later.order(made(later, "one", "2.9.1")))
    for part in one.parts:
        assert part.staged
        family.registry.delete(family.release.at(part.staged))
    (change,) = changelog(family.registry, family.release).changes
    assert "no longer has both images" in change.note


def test_a_list_says_all_versions_of_a_package() -> None:
    old, new = package("pypi", "six", "1.16"), package("pypi", "six", "1.17")
    told = json.dumps(document(old, new)).encode()
    assert packages(told) == {"pypi six": "1.16, 1.17"}


@pytest.mark.parametrize("content", [b"[]", b"{}", b'{"predicateType": "x", "predicate": {}}', b"<xml/>"])
def test_what_is_no_list_of_packages(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"SPDX|Expecting"):
        packages(content)
