"""The gate approves what is right, and each planted fault turns it red by name."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builder.bake.labels import OURS
from builder.model.cell import Level
from builder.model.digest import Digest
from builder.model.policy import Demand
from builder.model.receipt import Receipt
from builder.model.release import Refused, Withheld
from builder.release.gate import Approved, Evidence, judge
from tests.release.make import NOW, TERMS, candidate, image, receipt
from tests.servers.images import AMD64, ARM64

AMD, ARM = image(platform=AMD64), image(platform=ARM64)
OTHER = Digest.of(b"another")
DAY = timedelta(days=1)


def verdict(amd: Evidence | None, arm: Evidence | None = None) -> Approved | Withheld | Refused:
    """The gate's word on a target of two platforms; the second is fine unless it is given."""
    arm = arm or ARM.evidence(receipt(ARM.manifest.digest))
    return judge(candidate(AMD, ARM), {AMD64: amd, ARM64: arm} if amd else {ARM64: arm}, TERMS)


def test_two_tested_platforms_are_approved() -> None:
    good = receipt(AMD.manifest.digest)
    approved = verdict(AMD.evidence(good))
    assert isinstance(approved, Approved)
    assert [tested.manifest for tested in approved.parts] == [AMD.manifest, ARM.manifest]
    assert [attested.receipt for attested in approved.parts[0].receipts] == [good]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"subject": OTHER}, f"it is for {OTHER.short}, not for {AMD.manifest.digest.short}"),
        ({"probe": OTHER}, "another probe wrote it"),
        ({"policy": OTHER}, "another policy judged it"),
        ({"passed": False}, "failed: works"),
        ({"checks": ()}, "it holds no checks"),
        ({"when": NOW - 91 * DAY}, "it expired"),
        ({"when": NOW + DAY}, "it is from the future"),
    ],
)
def test_a_receipt_that_does_not_count_refuses(changes: dict[str, object], reason: str) -> None:
    refused = verdict(AMD.evidence(receipt(**{"subject": AMD.manifest.digest, **changes})))  # type: ignore[arg-type]
    assert isinstance(refused, Refused)
    assert len(refused.reasons) == 1
    assert refused.reasons[0].startswith("linux/amd64: ")
    assert reason in refused.reasons[0]
    assert "builder smoke" in refused.reasons[0]


def test_an_untested_platform_refuses() -> None:
    assert verdict(AMD.evidence()) == Refused(
        "one", ("linux/amd64: it was never tested: run `python -m builder smoke`",)
    )


def test_a_receipt_that_is_not_understood_is_none() -> None:
    refused = verdict(replace(AMD.evidence(), unreadable=("the artifact poses as a receipt: it is empty",)))
    assert isinstance(refused, Refused)
    assert "it is empty; it was never tested" in refused.reasons[0]


def test_an_image_that_is_not_staged_refuses() -> None:
    assert verdict(None) == Refused("one", ("linux/amd64: it is not staged: run `python -m builder bake`",))


def test_a_selection_that_drops_a_platform_refuses() -> None:
    narrowed = replace(candidate(AMD), dropped=(ARM64,))
    refused = judge(narrowed, {AMD64: AMD.evidence(receipt(AMD.manifest.digest))}, TERMS)
    assert refused == Refused("one", ("linux/arm64: the selection leaves it out: release whole targets",))


def test_a_target_without_platforms_refuses() -> None:
    assert isinstance(judge(candidate(), {}, TERMS), Refused)


def test_the_amd64_bits_under_arm64_refuse() -> None:
    wrong = image(platform=ARM64, inside=AMD64)
    seen = {
        AMD64: AMD.evidence(receipt(AMD.manifest.digest)),
        ARM64: wrong.evidence(receipt(wrong.manifest.digest)),
    }
    assert judge(candidate(AMD, wrong), seen, TERMS) == Refused(
        "one", ("linux/arm64: its config says linux/amd64: build it for linux/arm64",)
    )


def test_another_cuda_than_the_matrix_says_refuses() -> None:
    wrong = image(told={f"{OURS}cuda": "12.8.1"})
    refused = judge(candidate(wrong), {AMD64: wrong.evidence(receipt(wrong.manifest.digest))}, TERMS)
    assert isinstance(refused, Refused)
    assert [reason.split(":")[1] for reason in refused.reasons] == [
        f" its annotation {OURS}cuda is 12.8.1, not 13.0.2",
        f" its label {OURS}cuda is 12.8.1, not 13.0.2",
    ]


def test_an_image_of_other_inputs_refuses() -> None:
    changed = replace(AMD.part, key=OTHER)
    refused = judge(
        replace(candidate(AMD), parts=(changed,)),
        {AMD64: AMD.evidence(receipt(AMD.manifest.digest))},
        TERMS,
    )
    assert isinstance(refused, Refused)
    assert f"{OURS}key" in refused.reasons[0]


def test_another_manifest_than_the_staged_one_refuses() -> None:
    rebuilt = image(salt="rebuilt")
    refused = verdict(rebuilt.evidence(receipt(rebuilt.manifest.digest)))
    assert isinstance(refused, Refused)
    assert f"its manifest is {rebuilt.manifest.digest}" in refused.reasons[0]


def test_a_gpu_test_that_is_all_that_is_missing_withholds() -> None:
    wants = image(platform=ARM64, require=Level.GPU)
    seen = {
        AMD64: AMD.evidence(receipt(AMD.manifest.digest)),
        ARM64: wants.evidence(receipt(wants.manifest.digest)),
    }
    text = "its receipt's level is cpu, and gpu is required: run `python -m builder smoke` on a GPU host"
    assert judge(candidate(AMD, wants), seen, TERMS) == Withheld("one", (f"linux/arm64: {text}",))
    seen[ARM64] = wants.evidence(receipt(wants.manifest.digest, level=Level.GPU))
    assert isinstance(judge(candidate(AMD, wants), seen, TERMS), Approved)


def test_a_gpu_test_that_failed_refuses_whatever_passed_without_a_gpu() -> None:
    wants = image(require=Level.GPU)
    failed = receipt(wants.manifest.digest, level=Level.GPU, passed=False, when=NOW - 2 * DAY)
    seen = {AMD64: wants.evidence(failed, receipt(wants.manifest.digest))}
    assert isinstance(judge(candidate(wants), seen, TERMS), Refused)
    seen = {AMD64: wants.evidence(failed, receipt(wants.manifest.digest, level=Level.GPU))}
    assert isinstance(judge(candidate(wants), seen, TERMS), Approved)


def test_of_a_pass_and_a_failure_of_one_second_the_failure_counts() -> None:
    digest = AMD.manifest.digest
    assert isinstance(verdict(AMD.evidence(receipt(digest), receipt(digest, passed=False))), Refused)


def test_a_demanded_gpu_on_which_nobody_tested_withholds() -> None:
    wants = image(require=Level.GPU)
    part = replace(wants.part, demands=(Demand(capability="9.0"), Demand(driver="580")))
    target = replace(candidate(wants), parts=(part,))
    hopper = receipt(wants.manifest.digest, level=Level.GPU, host={"capability": "9.0", "driver": "575.1"})
    ampere = receipt(wants.manifest.digest, level=Level.GPU, host={"capability": "8.0", "driver": "580.65"})
    withheld = judge(target, {AMD64: wants.evidence(hopper)}, TERMS)
    assert isinstance(withheld, Withheld)
    assert len(withheld.reasons) == 1
    assert "linux/amd64: no receipt is from driver 580" in withheld.reasons[0]
    assert isinstance(judge(target, {AMD64: wants.evidence(hopper, ampere)}, TERMS), Approved)


RECEIPTS = st.lists(
    st.builds(
        receipt,
        subject=st.sampled_from([AMD.manifest.digest, OTHER]),
        level=st.sampled_from(Level),
        passed=st.booleans(),
        probe=st.sampled_from([TERMS.probe, OTHER]),
        policy=st.sampled_from([TERMS.policy, OTHER]),
        when=st.integers(-2, 100).map(lambda days: NOW - days * DAY),
    ),
    max_size=5,
)


@given(receipts=RECEIPTS, more=RECEIPTS, require=st.sampled_from(Level))
def test_adding_a_failure_never_approves(
    receipts: list[Receipt], more: list[Receipt], require: Level
) -> None:
    part = replace(AMD.part, require=require)
    target = replace(candidate(AMD), parts=(part,))
    before = judge(target, {AMD64: AMD.evidence(*receipts)}, TERMS)
    failures = [replace(found, passed=False) for found in more]
    after = judge(target, {AMD64: AMD.evidence(*receipts, *failures)}, TERMS)
    strictness = {Approved: 0, Withheld: 1, Refused: 2}
    assert strictness[type(after)] >= strictness[type(before)]
    if isinstance(after, Approved):
        assert any(
            found.passed and found.subject == AMD.manifest.digest and found.level.satisfies(require)
            for found in receipts
        )
