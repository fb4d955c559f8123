"""What `verify` checks: pure judgements on what a registry holds of one published image."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from builder.bake.labels import INPUTS, KEY, OCI, OURS
from builder.model.cell import Level
from builder.model.descriptor import Descriptor
from builder.model.digest import Digest
from builder.model.platform import Platform
from builder.model.reference import Reference
from builder.model.release import Part
from builder.registry.manifest import Manifest
from builder.release.gate import About, Evidence, Objection, Terms, objections
from builder.release.records.record import Entry, Record
from builder.release.signing.bundle import SIGNATURE
from builder.smoke.statement import PREDICATE_TYPE

_BASE = f"{OCI}base.digest"


@dataclass(frozen=True, slots=True)
class Policy:
    """What a consumer asks for: at least this level of test, receipts of at most this age, attestations.

    `level` None takes what the publisher's policy asked for. `attestations` are predicate types that must be
    there, signed, besides the receipts. `signed` false lets an image pass without a signature.
    """

    level: Level | None = None
    max_age: timedelta = timedelta.max
    attestations: tuple[str, ...] = ()
    signed: bool = True


@dataclass(frozen=True, slots=True)
class Claims:
    """The kinds of statements about a manifest that are signed by the right one, and why others are not."""

    kinds: frozenset[str] = frozenset()
    against: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Published:
    """What a registry holds of a release index.

    `record` is the newest one that names the tag, or the index where the reference has no tag; `bases` are
    all base digests of all records. `lost` are blobs that are not there. `claims` are those about `record`,
    `index` and each platform; None where nobody said whose signatures count.
    """

    reference: Reference
    index: Manifest
    record: Record | None
    entry: Entry | None
    platforms: Mapping[Platform, Evidence | None] = field(hash=False)
    lost: tuple[Digest, ...]
    bases: frozenset[Digest]
    claims: Mapping[str, Claims] | None = field(hash=False)


@dataclass(frozen=True, slots=True)
class Result:
    """One check: everything that is wrong, or why it was not made. Neither means that it passed."""

    check: str
    proves: str
    wrong: tuple[str, ...] = ()
    skipped: str = ""

    @property
    def passed(self) -> bool:
        """Whether it was made and found nothing."""
        return not self.wrong and not self.skipped


def audit(found: Published, policy: Policy, now: datetime) -> tuple[Result, ...]:
    """Every check's result, in a fixed order."""
    against = tuple(_objections(found, policy, now))
    texts = {about: tuple(f"{o.platform}: {o.what}" for o in against if o.about is about) for about in About}
    return (
        Result("record", "a release record names this index", tuple(_record(found))),
        Result(
            "platforms",
            "every platform of the release is there, whole",
            (*_platforms(found), *texts[About.PLACE]),
        ),
        Result(
            "labels",
            "the images are what labels and annotations say",
            (*texts[About.BITS], *_annotations(found)),
        ),
        Result("receipts", "these very digests passed their tests", texts[About.TEST]),
        Result("base", "the bases are ones that a release was locked to", tuple(_bases(found))),
        _signed(found, policy),
        _attested(found, policy),
    )


def _record(found: Published) -> Iterator[str]:
    if found.record is None:
        yield f"no release record names {found.reference.tag or found.index.digest}"
    elif found.entry is None or found.entry.index.digest != found.index.digest:
        released = found.entry.index.digest if found.entry else "nothing"
        yield f"it is {found.index.digest}, and {found.record.name} released {released}"


def _platforms(found: Published) -> Iterator[str]:
    listed = {child.platform: child.digest for child in found.index.children}
    released = found.entry.platforms if found.entry else {}
    if not found.index.is_index or len(listed) != len(found.index.children):
        yield "it is no index with each platform once"
    for platform, digest in sorted(released.items()):
        if platform not in listed:
            yield f"{platform} is missing; {digest} was released"
        elif listed[platform] != digest:
            yield f"{platform} is {listed[platform]}; {digest} was released"
    for child in found.index.children:
        if found.entry and child.platform not in released:
            yield f"{child.platform} ({child.digest}) was not released"
    yield from (f"{digest} is not in the registry" for digest in found.lost)


def _objections(found: Published, policy: Policy, now: datetime) -> Iterator[Objection]:
    """What the gate says of the platforms as they are published."""
    terms = Terms(None, None, policy.max_age, now)
    for child in found.index.children:
        if child.platform:
            seen = found.platforms.get(child.platform)
            yield from objections(_part(found, child, child.platform, seen, policy), seen, terms)


def _part(
    found: Published, child: Descriptor, platform: Platform, seen: Evidence | None, policy: Policy
) -> Part:
    """What a platform has to be by its own annotations, and by the level of test that is asked for."""
    told = seen.manifest.annotations if seen else {}
    required = found.entry.required.get(platform, Level.CPU) if found.entry else Level.CPU
    try:
        key = Digest.parse(told.get(KEY, ""))
    except ValueError:
        key = child.digest  # which it cannot be, so that it is objected to
    return Part(
        platform=platform,
        require=required if policy.level is None or required.satisfies(policy.level) else policy.level,
        staging=found.reference.repository,
        staged=child.digest,
        key=key,
        labels={
            **{name: value for name, value in told.items() if _is_label(name)},
            f"{OURS}platform": str(platform),
        },
    )


def _is_label(name: str) -> bool:
    return name.startswith((OCI, OURS)) and name not in (KEY, INPUTS)


def _annotations(found: Published) -> Iterator[str]:
    """What the index says of its images that they do not say themselves."""
    for platform, seen in found.platforms.items():
        labels = seen.labels if seen else {}
        for name, value in found.index.annotations.items():
            if labels.get(name, value) != value:
                yield f"the index' annotation {name} is {value}, and on {platform} it is {labels[name]}"
        for name in labels:
            if seen and name.startswith(OURS) and name not in seen.manifest.annotations:
                yield f"{platform}: its label {name} is no annotation"


def _bases(found: Published) -> Iterator[str]:
    known = {str(base) for base in found.bases}
    for platform, seen in found.platforms.items():
        base = seen.labels.get(_BASE, "") if seen else ""
        if base not in known:
            yield f"{platform}: its base {base or '(not named)'} is in no release's lock"


def _signed(found: Published, policy: Policy) -> Result:
    """Whether record, index and platforms are signed."""
    proves = "record, index and platforms are signed by the right one"
    if found.claims is None:
        skipped = "no key and no identity was given" if policy.signed else ""
        return Result("signature", proves, skipped=skipped)
    return Result("signature", proves, tuple(_lacking(found.claims, SIGNATURE)))


def _attested(found: Published, policy: Policy) -> Result:
    """Whether the signed statements that are asked for are there, for each platform."""
    proves = "receipts, and what else is asked for, are signed attestations"
    if found.claims is None:
        skipped = "no key and no identity was given" if policy.signed or policy.attestations else ""
        return Result("attestations", proves, skipped=skipped)
    claims = {str(p): found.claims[str(p)] for p in found.platforms}
    kinds = (PREDICATE_TYPE, *policy.attestations)
    return Result("attestations", proves, tuple(text for kind in kinds for text in _lacking(claims, kind)))


def _lacking(claims: Mapping[str, Claims], kind: str) -> Iterator[str]:
    for subject, claim in claims.items():
        if kind not in claim.kinds:
            yield "; ".join((f"{subject} has no {kind}", *claim.against))
