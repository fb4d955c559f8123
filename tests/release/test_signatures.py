"""Signatures that any cosign checks, and receipts that count only with one."""

import base64
import json
import os
from pathlib import Path

import pytest

from builder.model.errors import BuilderError, ExitCode
from builder.model.release import Published, Refused, Unchanged
from builder.pipeline.release import release
from builder.pipeline.verify import verify
from builder.release.audit import Policy
from builder.release.signing.bundle import BUNDLE, SIGNATURE, STATEMENT, artifact, payload, signature
from builder.release.signing.sign import Signer, Verifier
from builder.smoke.statement import PREDICATE_TYPE, statement
from tests.release.family import Family
from tests.release.keys import KeyPair, cosign
from tests.release.make import NOW, Image, candidate, receipt

_ASKED = ("attest-blob", "verify-blob-attestation")
ROOTS = '{"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1"}'


def check(folder: Path, command: str, key: KeyPair, reference: object, *more: str) -> int:
    """The exit code of stock cosign."""
    (folder / "roots").write_text(ROOTS)
    own = ["--insecure-ignore-tlog", "--trusted-root=roots", "--allow-http-registry"]
    return cosign(folder, command, f"--key={key.public}", *own, *more, str(reference)).returncode


def attach_signed(family: Family, image: Image, signer: Signer, **changes: object) -> None:
    """Attach a receipt as a tester with a key does."""
    told = receipt(**{"subject": image.manifest.digest, **changes})  # type: ignore[arg-type]
    bundle = signer.sign(statement(told))
    family.registry.put_blob(family.staging, bundle, BUNDLE)
    family.registry.put_blob(family.staging, b"{}")
    family.registry.refer(family.staging, [artifact(image.manifest.descriptor, bundle)])


def test_cosign_accepts_index_platforms_and_receipts_and_nobody_elses_key(
    family: Family, ours: KeyPair, theirs: KeyPair, tmp_path: Path
) -> None:
    release(family.registry, family.order(family.candidate(), signer=ours.signer))
    index = family.registry.manifest(family.release.tag("one"))
    for digest in (index.digest, *(child.digest for child in index.children)):
        assert check(tmp_path, "verify", ours, family.release.at(digest)) == 0
    child = family.release.at(index.children[1].digest)
    assert check(tmp_path, "verify-attestation", ours, child, f"--type={PREDICATE_TYPE}") == 0
    assert check(tmp_path, "verify", theirs, family.release.at(index.digest)) != 0
    record = family.registry.resolve(family.release.tag("release-20260701-1"))
    assert record
    assert check(tmp_path, "verify", ours, family.release.at(record.digest)) == 0


def test_what_is_signed_is_not_signed_again_and_what_is_not_is(family: Family, ours: KeyPair) -> None:
    plain = family.order(family.candidate())
    signing = family.order(*plain.candidates, signer=ours.signer)
    release(family.registry, plain)
    assert [type(o) for o in release(family.registry, signing).outcomes] == [Published]
    index = family.registry.manifest(family.release.tag("one"))
    (signed,) = family.registry.referrers(family.release, index.digest, BUNDLE)
    writes = family.registry.requests.writes
    assert [type(o) for o in release(family.registry, signing).outcomes] == [Unchanged]
    assert family.registry.requests.writes == writes
    assert family.registry.referrers(family.release, index.digest, BUNDLE) == (signed,)


@pytest.mark.parametrize("broken", ["password", "cosign", "key"])
def test_what_cannot_be_signed_is_not_tagged(
    family: Family, ours: KeyPair, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    signer = Signer("absent.key") if broken == "key" else ours.signer
    if broken == "password":
        monkeypatch.setenv("COSIGN_PASSWORD", "another")
    if broken == "cosign":
        monkeypatch.setenv("PATH", "")
    with pytest.raises(BuilderError) as caught:
        release(family.registry, family.order(family.candidate(), signer=signer))
    assert caught.value.code is (ExitCode.TOOL_MISSING if broken == "cosign" else ExitCode.REFUSED)
    assert all(tag.startswith("sha256-") for tag in family.registry.tags(family.release))


@pytest.mark.parametrize(
    ("signer", "verifier", "flags"),
    [
        (Signer(), Verifier(identity="me", issuer="https://issuer"), {"--certificate-identity=me"}),
        (
            Signer("awskms:///alias/release"),
            Verifier("awskms:///alias/release"),
            {"--key=awskms:///alias/release"},
        ),
    ],
    ids=["keyless", "KMS"],
)
def test_what_cosign_is_asked_where_its_services_cannot_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, signer: Signer, verifier: Verifier, flags: set[str]
) -> None:
    """Sigstore's services and KMS are not here: a stand-in notes the flags, which cosign has to know."""
    envelope = {"payload": base64.b64encode(signature([])).decode(), "payloadType": STATEMENT}
    (tmp_path / "made").write_text(json.dumps({"dsseEnvelope": envelope}))
    helps = {command: cosign(tmp_path, command, "--help").stdout for command in _ASKED}
    stand_in = tmp_path / "cosign"
    stand_in.write_text(
        f"#!/bin/sh\nprintf '%s\\n' \"$@\" >>{tmp_path}/asked\n"
        'for word; do case $word in --bundle=*) made="${word#*=}";; esac; done\n'
        f'cp -n {tmp_path}/made "$made"\n'
    )
    stand_in.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert verifier.statement(signer.sign(b"{}")) == signature([])
    asked = (tmp_path / "asked").read_text().split()
    assert flags < set(asked)
    command = ""
    for word in asked:
        command = word if word in _ASKED else command
        assert word in _ASKED or word.partition("=")[0] in helps[command], (command, word)
    assert any("signing-config" in word for word in asked) == bool(signer.key)


def test_under_a_signing_policy_only_signed_receipts_count(
    family: Family, ours: KeyPair, theirs: KeyPair
) -> None:
    staged = family.stage(family.image("one"))
    order = family.order(candidate(staged), verifier=ours.verifier)
    family.attach(staged)
    attach_signed(family, staged, theirs.signer)
    report = release(family.registry, order)
    assert [type(outcome) for outcome in report.outcomes] == [Refused]
    assert "it is not signed" in str(report.outcomes)
    assert "its signature is not valid" in str(report.outcomes)
    attach_signed(family, staged, ours.signer)
    report = release(family.registry, order)
    assert [type(outcome) for outcome in report.outcomes] == [Published]


def test_what_a_tester_signed_the_publisher_signs_too(
    family: Family, ours: KeyPair, theirs: KeyPair, tmp_path: Path
) -> None:
    staged = family.stage(family.image("one"))
    attach_signed(family, staged, theirs.signer)
    order = family.order(candidate(staged), verifier=theirs.verifier, signer=ours.signer)
    assert [type(outcome) for outcome in release(family.registry, order).outcomes] == [Published]
    for key in (ours, theirs):
        image = family.release.at(staged.manifest.digest)
        assert check(tmp_path, "verify-attestation", key, image, f"--type={PREDICATE_TYPE}") == 0
    place = family.release.tag("one")
    found = verify(family.registry, place, Policy(), ours.verifier, NOW)
    assert {result.check for result in found.results if not result.passed} == {"base"}
    writes = family.registry.requests.writes
    assert [type(outcome) for outcome in release(family.registry, order).outcomes] == [Unchanged]
    assert family.registry.requests.writes == writes


@pytest.mark.parametrize("lost", ["record", "platform"])
def test_a_signature_that_is_missing_is_made_up_for(family: Family, ours: KeyPair, lost: str) -> None:
    order = family.order(family.candidate(), signer=ours.signer)
    release(family.registry, order)
    name = "release-20260701-1" if lost == "record" else "one"
    manifest = family.registry.manifest(family.release.tag(name))
    subject = manifest.digest if lost == "record" else manifest.children[1].digest
    for entry in family.registry.referrers(family.release, subject, BUNDLE):
        family.registry.delete(family.release.at(entry.digest))
    listing = family.registry.resolve(family.release.tag(f"sha256-{subject.hex}"))
    assert listing
    family.registry.delete(family.release.at(listing.digest))
    assert [type(outcome) for outcome in release(family.registry, order).outcomes] == [Published]
    assert family.registry.referrers(family.release, subject, BUNDLE)
    found = verify(family.registry, family.release.tag("one"), Policy(), ours.verifier, NOW)
    assert {result.check for result in found.results if not result.passed} == {"base"}


def test_a_failure_counts_without_a_signature(family: Family, ours: KeyPair) -> None:
    staged = family.stage(family.image("one"))
    attach_signed(family, staged, ours.signer)
    family.attach(staged, passed=False)
    report = release(family.registry, family.order(candidate(staged), verifier=ours.verifier))
    assert [type(outcome) for outcome in report.outcomes] == [Refused]
    assert "test of 2026-07-09 12:00 UTC failed: works" in str(report.outcomes)


def test_a_signature_on_another_statement_is_no_receipt(family: Family, ours: KeyPair) -> None:
    staged, other = family.stage(family.image("one")), family.image("two")
    attach_signed(family, staged, ours.signer, subject=other.manifest.digest)
    report = release(family.registry, family.order(candidate(staged), verifier=ours.verifier))
    assert f"it is for {other.manifest.digest.short}" in str(report.outcomes)


@pytest.mark.parametrize("bundle", [b"{}", b'{"dsseEnvelope": {"payload": "e30=", "payloadType": "x"}}'])
def test_what_is_no_bundle_has_no_statement(bundle: bytes) -> None:
    with pytest.raises(ValueError, match="it is no sigstore bundle"):
        payload(bundle)


def test_other_attestations_go_along(family: Family, ours: KeyPair) -> None:
    one = family.candidate()
    staged = family.image("one")
    sbom = b'{"spdxVersion": "SPDX-2.3"}'
    family.registry.attach(
        family.staging, staged.manifest.descriptor, "application/spdx+json", sbom, "text/spdx+json"
    )
    release(family.registry, family.order(one, signer=ours.signer))
    (found,) = family.registry.referrers(family.release, staged.manifest.digest, "application/spdx+json")
    manifest = family.registry.manifest(family.release.at(found.digest))
    assert family.registry.blob(family.release, manifest.layers[0]) == sbom
    kinds = {
        entry.annotations.get("dev.sigstore.bundle.predicateType")
        for entry in family.registry.referrers(family.release, staged.manifest.digest, BUNDLE)
    }
    assert kinds == {SIGNATURE, PREDICATE_TYPE}
