"""The gate: decides from receipts, never from hopes, whether a candidate may be released.

A candidate is *approved* when each platform that the matrix gives it is staged under the key of its inputs,
is what its labels promise, and has a receipt that counts today for this digest. It is *withheld* when all
that is missing is a test on a GPU, which this host may not have: nothing is wrong, and the others go on. In
every other case it is *refused*, and then nothing at all is released.

A failed test is answered only by a newer one that passed on its level or a higher one. So a failure never
approves anything, whichever probe or policy it is of, and a flaky test is mended by a test.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from builder.bake.labels import KEY
from builder.model.cell import Level
from builder.model.digest import Digest
from builder.model.platform import Platform
from builder.model.receipt import Receipt, Status
from builder.model.release import Candidate, Part, Refused, Withheld
from builder.registry.manifest import Manifest, platform_of
from builder.smoke.validity import objections

_SMOKE = "run `python -m builder smoke`"
_BAKE = "run `python -m builder bake`"


@dataclass(frozen=True, slots=True)
class Terms:
    """What makes a receipt count: the probe and the policy it is of, and how old it may be at `now` (UTC)."""

    probe: Digest
    policy: Digest
    max_age: timedelta
    now: datetime


@dataclass(frozen=True, slots=True)
class Attested:
    """A receipt and the artifact that it came in."""

    artifact: Manifest
    receipt: Receipt


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a repository holds of one platform: the manifest, the image's config, and the receipts for it.

    `unreadable` says why other artifacts that pose as receipts are none; `attached` are the artifacts that do
    not, such as SBOMs, provenance and signatures.
    """

    manifest: Manifest
    config: bytes = field(repr=False)
    labels: Mapping[str, str] = field(hash=False)
    receipts: tuple[Attested, ...] = ()
    unreadable: tuple[str, ...] = ()
    attached: tuple[Manifest, ...] = ()


@dataclass(frozen=True, slots=True)
class ApprovedPart:
    """A platform that may be released, the receipts that say so, and what else goes with it."""

    part: Part
    manifest: Manifest
    receipts: tuple[Attested, ...]
    attached: tuple[Manifest, ...] = ()


@dataclass(frozen=True, slots=True)
class Approved:
    """A candidate that may be released."""

    candidate: Candidate
    parts: tuple[ApprovedPart, ...]


@dataclass(frozen=True, slots=True)
class _Objection:
    """Why a platform may not be released; `withholds` when a test on a GPU is all that it lacks."""

    text: str
    withholds: bool = False


def judge(
    candidate: Candidate, evidence: Mapping[Platform, Evidence], terms: Terms
) -> Approved | Withheld | Refused:
    """Decide on one candidate; a platform without evidence is one that staging does not have."""
    against = [
        _Objection(f"{p}: the selection leaves it out: release whole targets") for p in candidate.dropped
    ]
    if not candidate.parts:
        against.append(_Objection("it has no platforms: correct the matrix"))
    for part in candidate.parts:
        against += _against(part, evidence.get(part.platform), terms)
    if against:
        kind = Withheld if all(objection.withholds for objection in against) else Refused
        return kind(candidate.name, tuple(objection.text for objection in against))
    seen = [(part, evidence[part.platform]) for part in candidate.parts]
    return Approved(
        candidate,
        tuple(
            ApprovedPart(part, its.manifest, _counting(part, its, part.require, terms), its.attached)
            for part, its in seen
        ),
    )


def _against(part: Part, seen: Evidence | None, terms: Terms) -> Iterator[_Objection]:
    """Why one platform may not be released."""
    if part.staged is None or seen is None:
        yield _Objection(f"{part.platform}: it is not staged: {_BAKE}")
        return
    for text in _unlike(part, seen):
        yield _Objection(f"{part.platform}: {text}")
    failed = [f"{part.platform}: {text}: {_SMOKE}" for text in _unanswered(part, seen, terms)]
    yield from map(_Objection, failed)
    if _counting(part, seen, part.require, terms):
        return
    if _counting(part, seen, Level.CPU, terms):
        yield _Objection(
            f"{part.platform}: its receipt's level is cpu, and gpu is required: {_SMOKE} on a GPU host",
            withholds=True,
        )
    elif not failed:
        yield _Objection(f"{part.platform}: {_uncounted(part, seen, terms)}: {_SMOKE}")


def _unlike(part: Part, seen: Evidence) -> Iterator[str]:
    """How the staged bits differ from what the matrix asks for."""
    if seen.manifest.digest != part.staged:
        yield f"staging gives {seen.manifest.digest} where {part.staged} was asked for: {_BAKE}"
    try:
        platform = str(platform_of(seen.config))
    except ValueError as error:
        platform = f"nothing ({error})"
    if platform != str(part.platform):
        yield f"its config says {platform}: build it for {part.platform}"
    told = {KEY: str(part.key), **part.labels}
    for name, value in sorted(told.items()):
        found = seen.manifest.annotations.get(name)
        if found != value:
            yield f"its annotation {name} is {found or 'missing'}, and the matrix says {value}: {_BAKE}"
    for name, value in sorted(part.labels.items()):
        found = seen.labels.get(name)
        if found != value:
            yield f"its label {name} is {found or 'missing'}, and the matrix says {value}: {_BAKE}"


def _unanswered(part: Part, seen: Evidence, terms: Terms) -> Iterator[str]:
    """The failures of this digest that no newer test of their level answers."""
    for attested in seen.receipts:
        failure = attested.receipt
        if failure.subject != part.staged or failure.passed:
            continue
        answers = _counting(part, seen, failure.level, terms)
        if not any(answer.receipt.when > failure.when for answer in answers):
            checks = ", ".join(failure.ids(Status.FAILED)) or "as a whole"
            yield f"its {failure.level} test of {failure.when:%Y-%m-%d %H:%M} UTC failed: {checks}"


def _uncounted(part: Part, seen: Evidence, terms: Terms) -> str:
    """Why none of the receipts counts, in the words of the newest."""
    if not seen.receipts:
        return "; ".join((*seen.unreadable, "it was never tested"))
    newest = max(seen.receipts, key=lambda attested: attested.receipt.when)
    return f"its receipt does not count: {'; '.join(_objections(newest.receipt, part, part.require, terms))}"


def _counting(part: Part, seen: Evidence, required: Level, terms: Terms) -> tuple[Attested, ...]:
    """The receipts that count on this level."""
    return tuple(a for a in seen.receipts if not _objections(a.receipt, part, required, terms))


def _objections(receipt: Receipt, part: Part, required: Level, terms: Terms) -> tuple[str, ...]:
    if part.staged is None:
        return ("nothing is staged",)
    return objections(
        receipt,
        subject=part.staged,
        probe=terms.probe,
        policy=terms.policy,
        required=required,
        max_age=terms.max_age,
        now=terms.now,
    )
