"""verify passes on a release, and fails on every tampered copy of it by the check that should."""

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from builder.bake.labels import OCI, OURS
from builder.model.descriptor import INDEX, MANIFEST
from builder.model.digest import Digest
from builder.model.errors import BuilderError, ExitCode
from builder.model.reference import Reference
from builder.pipeline.release import release
from builder.pipeline.verify import Verified, read_policy, verify
from builder.registry import Manifest, Registry
from builder.release.audit import Policy
from tests.release.family import Family
from tests.release.keys import PASSWORD, KeyPair
from tests.release.make import NOW, candidate
from tests.servers.fixtures import QUICK
from tests.servers.images import AMD64, ARM64, CONFIG, canonical
from tests.servers.registry import registry_server

BASE = Digest.of(b"a base")


@contextmanager
def serving(folder: Path) -> Iterator[Family]:
    """The registry of a folder."""
    with registry_server(folder) as server, Registry(QUICK) as registry:
        yield Family(registry, server.repository("staging"), server.repository("release"), server.storage)


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory, key_pairs: tuple[KeyPair, KeyPair]) -> Path:
    """The folder of a registry with a signed release of `one` and `two`."""
    folder = tmp_path_factory.mktemp("original")
    told = {f"{OCI}base.digest": str(BASE)}
    with serving(folder) as family, pytest.MonkeyPatch.context() as patch:
        patch.setenv("COSIGN_PASSWORD", PASSWORD)
        targets = []
        for name in ("one", "two"):
            images = [family.stage(family.image(name, platform, more=told)) for platform in (AMD64, ARM64)]
            for staged in images:
                family.attach(staged)
            targets.append(candidate(*images, name=name))
        order = family.order(*targets, signer=key_pairs[0].signer, bases={"base": (BASE,)})
        release(family.registry, order)
    return folder


@pytest.fixture
def released(original: Path, tmp_path: Path) -> Iterator[Family]:
    """A copy of that registry to tamper with."""
    with serving(shutil.copytree(original, tmp_path / "copy")) as family:
        yield family


def check(
    family: Family, key: KeyPair | None, policy: Policy | None = None, reference: str = ":one"
) -> Verified:
    """Verify, by tag unless it is told otherwise."""
    policy = policy or Policy()
    whole = Reference.parse(f"{family.release}{reference}")
    return verify(family.registry, whole, policy, key.verifier if key else None, NOW)


def failing(verified: Verified) -> set[str]:
    """The checks that found something."""
    assert verified.code is (ExitCode.REFUSED if any(r.wrong for r in verified.results) else ExitCode.DONE)
    return {result.check for result in verified.results if result.wrong}


def index(family: Family) -> Manifest:
    """The release index."""
    return family.registry.manifest(family.release.tag("one"))


def retag(family: Family, change: Callable[[dict[str, Any]], object], tag: str = "one") -> None:
    """Put a changed copy of the index under its tag."""
    data = json.loads(index(family).content)
    change(data)
    family.registry.put_manifest(family.release, canonical(data), INDEX, tag=tag)


def test_a_release_passes_by_tag_and_by_digest(released: Family, ours: KeyPair) -> None:
    for reference in (":one", ":one-20260701", f"@{index(released).digest}"):
        verified = check(released, ours, reference=reference)
        assert failing(verified) == set()
        assert all(result.passed for result in verified.results)
        assert verified.code is ExitCode.DONE


def test_a_swapped_child(released: Family, ours: KeyPair) -> None:
    other = released.registry.manifest(released.release.tag("two")).children[1]

    def swap(data: dict[str, Any]) -> None:
        data["manifests"][1]["digest"], data["manifests"][1]["size"] = str(other.digest), other.size

    retag(released, swap)
    verified = check(released, ours)
    assert failing(verified) == {"record", "platforms", "labels", "signature"}
    assert str(other.digest) in str(verified.results)


def test_a_removed_platform(released: Family, ours: KeyPair) -> None:
    retag(released, lambda data: data["manifests"].pop())
    verified = check(released, ours)
    assert failing(verified) == {"record", "platforms", "signature"}
    assert "linux/arm64 is missing" in str(verified.results)


def test_platforms_that_change_places(released: Family, ours: KeyPair) -> None:
    def cross(data: dict[str, Any]) -> None:
        first, second = data["manifests"]
        first["platform"], second["platform"] = second["platform"], first["platform"]

    retag(released, cross)
    assert failing(check(released, ours)) == {"record", "platforms", "labels", "signature"}


def test_a_tag_that_moved_to_another_release(released: Family, ours: KeyPair) -> None:
    other = released.registry.manifest(released.release.tag("two"))
    released.registry.put_manifest(released.release, other.content, other.media_type, tag="one-20260701")
    assert {"record", "platforms"} <= failing(check(released, ours, reference=":one-20260701"))


def test_a_changed_annotation(released: Family, ours: KeyPair) -> None:
    retag(released, lambda data: data["annotations"].update({f"{OURS}cuda": "13.9"}))
    assert failing(check(released, ours)) == {"record", "labels", "signature"}


def test_a_changed_label(released: Family, ours: KeyPair) -> None:
    child = released.registry.manifest(released.release.at(index(released).children[0].digest))
    assert child.config
    config = json.loads(released.registry.blob(released.release, child.config))
    config["config"]["Labels"][f"{OURS}cuda"] = "12.8.1"
    pushed = released.registry.put_blob(released.release, canonical(config), CONFIG)
    changed = {**json.loads(child.content), "config": pushed.json()}
    put = released.registry.put_manifest(released.release, canonical(changed), MANIFEST)

    def swap(data: dict[str, Any]) -> None:
        data["manifests"][0]["digest"], data["manifests"][0]["size"] = str(put.digest), put.size

    retag(released, swap)
    verified = check(released, ours)
    assert failing(verified) == {"record", "platforms", "labels", "receipts", "signature", "attestations"}
    assert f"its label {OURS}cuda is 12.8.1, not 13.0.2" in str(verified.results)


def test_a_lost_platform_manifest(released: Family, ours: KeyPair) -> None:
    released.registry.delete(released.release.at(index(released).children[1].digest))
    assert "platforms" in failing(check(released, ours))


def test_a_lost_layer(released: Family, ours: KeyPair) -> None:
    child = released.registry.manifest(released.release.at(index(released).children[1].digest))
    (released.storage(child.layers[1].digest)).unlink()
    verified = check(released, ours)
    assert failing(verified) == {"platforms"}
    assert str(child.layers[1].digest) in str(verified.results)


def test_removed_receipts_and_signatures(released: Family, ours: KeyPair) -> None:
    child = index(released).children[0].digest
    released.registry.delete(released.release.tag(f"sha256-{child.hex}").at(_listing(released, child)))
    assert failing(check(released, ours)) == {"receipts", "signature", "attestations"}


def test_a_failure_that_was_found_afterwards(released: Family, ours: KeyPair) -> None:
    staged = released.image("one", AMD64, more={f"{OCI}base.digest": str(BASE)})
    replace(released, staging=released.release).attach(staged, passed=False, when=NOW)
    verified = check(released, ours)
    assert failing(verified) == {"receipts"}
    assert "failed: works" in str(verified.results)


def test_somebody_elses_signature(released: Family, theirs: KeyPair) -> None:
    assert failing(check(released, theirs)) == {"receipts", "signature", "attestations"}


def test_a_base_that_no_lock_knew(family: Family, ours: KeyPair) -> None:
    release(family.registry, family.order(family.candidate(), signer=ours.signer))
    assert failing(check(family, ours)) == {"base"}


def test_an_image_that_was_never_released(released: Family, ours: KeyPair) -> None:
    retag(released, dict.copy, tag="copied")
    retag(released, lambda data: data["annotations"].update(extra="x"), tag="forged")
    assert failing(check(released, ours, reference=":copied")) == {"record"}
    assert failing(check(released, ours, reference=":forged")) == {"record", "signature"}


def test_without_a_key_the_signature_is_not_checked_and_that_is_no_pass(released: Family) -> None:
    verified = check(released, None)
    assert {r.check: r.skipped for r in verified.results if r.skipped} == dict.fromkeys(
        ("signature", "attestations"), "no key and no identity was given"
    )
    assert verified.code is ExitCode.REFUSED
    assert check(released, None, Policy(signed=False)).code is ExitCode.DONE


def test_what_a_consumer_asks_for(released: Family, ours: KeyPair, tmp_path: Path) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text("level: gpu\nmax-age: 90\nattestations: [https://spdx.dev/Document]\n")
    verified = check(released, ours, read_policy(file))
    assert failing(verified) == {"receipts", "attestations"}
    assert "its receipt's level is cpu, and gpu is required" in str(verified.results)
    file.write_text("max-age: 1\n")
    old = verify(
        released.registry,
        released.release.tag("one"),
        read_policy(file),
        ours.verifier,
        NOW.replace(year=2027),
    )
    assert failing(old) == {"receipts"}
    assert "it expired" in str(old.results)


@pytest.mark.parametrize("text", ["level: tpu", "levels: gpu", "- gpu", "max-age: 0", ": :"])
def test_what_is_no_policy(tmp_path: Path, text: str) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text(text)
    with pytest.raises(BuilderError, match="it is no policy"):
        read_policy(file)


def test_latest_and_what_does_not_exist(released: Family, ours: KeyPair) -> None:
    with pytest.raises(BuilderError, match="`latest` is never released"):
        check(released, ours, reference=":latest")
    with pytest.raises(BuilderError) as caught:
        check(released, ours, reference=":absent")
    assert caught.value.code is ExitCode.NOT_FOUND


def _listing(family: Family, subject: Digest) -> Digest:
    found = family.registry.resolve(family.release.tag(f"sha256-{subject.hex}"))
    assert found
    return found.digest
