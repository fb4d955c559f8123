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
from enum import StrEnum

from builder.bake.labels import KEY
from builder.model.cell import Level
from builder.model.digest import Digest
from builder.model.platform import Platform
from builder.model.receipt import Receipt, Status
from builder.model.release import Candidate, Part, Refused, Withheld
from builder.model.size import show_size
from builder.registry.manifest import Manifest, platform_of
from builder.smoke import validity
from builder.smoke.demands import met

_AGAIN = "run `python -m builder smoke --again`"
_SMOKE = "run `python -m builder smoke`"
_BAKE = "run `python -m builder bake`"


class About(StrEnum):
    """What an objection is about."""

    PLACE = "not there"
    BITS = "not what it promises"
    TEST = "not tested"
    WEIGHT = "too heavy"


@dataclass(frozen=True, slots=True)
class Objection:
    """Why a platform may not be released; `withholds` when a test on a GPU is all that it lacks."""

    about: About
    platform: Platform
    what: str
    fix: str
    withholds: bool = False

    def __str__(self) -> str:
        return f"{self.platform}: {self.what}: {self.fix}"


@dataclass(frozen=True, slots=True)
class Terms:
    """What makes a receipt count: the probe and the policy it is of, and how old it may be at `now` (UTC).

    None stands for any probe or policy.
    """

    probe: Digest | None
    policy: Digest | None
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

    @property
    def artifacts(self) -> tuple[Manifest, ...]:
        """Everything that refers to it and goes along, as the same artifacts."""
        return (*(attested.artifact for attested in self.receipts), *self.attached)


@dataclass(frozen=True, slots=True)
class Approved:
    """A candidate that may be released."""

    candidate: Candidate
    parts: tuple[ApprovedPart, ...]


def judge(
    candidate: Candidate, evidence: Mapping[Platform, Evidence], terms: Terms
) -> Approved | Withheld | Refused:
    """Decide on one candidate; a platform without evidence is one that staging does not have."""
    against = [
        Objection(About.PLACE, platform, "the selection leaves it out", "release whole targets")
        for platform in candidate.dropped
    ]
    for part in candidate.parts:
        against += objections(part, evidence.get(part.platform), terms)
    if against or not candidate.parts:
        reasons = tuple(map(str, against)) or ("it has no platforms: correct the matrix",)
        withheld = against and all(objection.withholds for objection in against)
        return (Withheld if withheld else Refused)(candidate.name, reasons)
    seen = [(part, evidence[part.platform]) for part in candidate.parts]
    return Approved(
        candidate,
        tuple(
            ApprovedPart(part, its.manifest, _counting(part, its, part.require, terms), its.attached)
            for part, its in seen
        ),
    )


def objections(part: Part, seen: Evidence | None, terms: Terms) -> Iterator[Objection]:
    """Why one platform may not be released."""
    if part.staged is None or seen is None:
        yield Objection(About.PLACE, part.platform, "it is not staged", _BAKE)
        return
    yield from _unlike(part, seen)
    if part.budget is not None and seen.manifest.size > part.budget:
        what = f"it weighs {show_size(seen.manifest.size)}, and its budget is {show_size(part.budget)}"
        yield Objection(About.WEIGHT, part.platform, what, "leave something out of it, or raise the budget")
    failed = [Objection(About.TEST, part.platform, it, _SMOKE) for it in _unanswered(part, seen, terms)]
    yield from failed
    if counting := _counting(part, seen, part.require, terms):
        receipts = [attested.receipt for attested in counting]
        for demand in part.demands:
            if not met(demand, receipts):
                what = f"no receipt is from {demand}"
                yield Objection(About.TEST, part.platform, what, f"{_AGAIN} on such a host", withholds=True)
        return
    if _counting(part, seen, Level.CPU, terms):
        what = "its receipt's level is cpu, and gpu is required"
        yield Objection(About.TEST, part.platform, what, f"{_SMOKE} on a GPU host", withholds=True)
    elif not failed:
        yield Objection(About.TEST, part.platform, _uncounted(part, seen, terms), _SMOKE)


def _unlike(part: Part, seen: Evidence) -> Iterator[Objection]:
    """How the bits differ from what they should be."""
    if seen.manifest.digest != part.staged:
        what = f"its manifest is {seen.manifest.digest}, not {part.staged}"
        yield Objection(About.BITS, part.platform, what, _BAKE)
    try:
        platform = str(platform_of(seen.config))
    except ValueError as error:
        platform = f"nothing ({error})"
    if platform != str(part.platform):
        what = f"its config says {platform}"
        yield Objection(About.BITS, part.platform, what, f"build it for {part.platform}")
    annotated = {KEY: str(part.key), **part.labels}
    told = (("annotation", annotated, seen.manifest.annotations), ("label", part.labels, seen.labels))
    for kind, right, found in told:
        for name, value in sorted(right.items()):
            if found.get(name) != value:
                what = f"its {kind} {name} is {found.get(name) or 'missing'}, not {value}"
                yield Objection(About.BITS, part.platform, what, _BAKE)


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
    return validity.objections(
        receipt,
        subject=part.staged,
        probe=terms.probe or receipt.probe,
        policy=terms.policy or receipt.policy,
        required=required,
        max_age=terms.max_age,
        now=terms.now,
    )
