"""The tags of the staging repository, which are its index: one list tells what exists and what was tested.

`key-<key>` is what Buildx pushes; `key-<key>-<digest>` is added once the push is confirmed, so that a list of
tags gives every staged digest without a request for each. `time-<key>-<seconds>` says how long that build
took, `cache-<key>` has its steps for other builders. `pass-<digest>-<terms>-<level>-<day>` says that a
receipt was attached. They spare work and prove nothing: the gate reads the receipts themselves.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from builder.bake.recipe import canonical
from builder.model.cell import Level
from builder.model.digest import Digest

_KEY = re.compile(r"key-([0-9a-f]{40})(?:-([0-9a-f]{64}))?")
_CACHE = re.compile(r"cache-([0-9a-f]{40})")
_TIME = re.compile(r"time-([0-9a-f]{40})-([0-9]{1,6})")
_PASS = re.compile(r"pass-([0-9a-f]{64})-([0-9a-f]{16})-(cpu|gpu)-([0-9]{8})")
_KEY_DIGITS = 40
# Clocks differ, and somewhere it is past midnight. The gate looks at the minute.
_AHEAD = timedelta(days=1)
_TERMS_DIGITS = 16


def key_tag(key: Digest) -> str:
    """The tag under which a build is pushed: 160 bits of its key."""
    return f"key-{key.hex[:_KEY_DIGITS]}"


def digest_tag(key: Digest, digest: Digest) -> str:
    """The tag that says which manifest a key has."""
    return f"{key_tag(key)}-{digest.hex}"


def cache_tag(key: Digest) -> str:
    """The tag under which the steps of a build are kept."""
    return f"cache-{key.hex[:_KEY_DIGITS]}"


def last_tag(name: str) -> str:
    """The tag of a target's newest build for a platform, by its bake name; a hint for explanations only."""
    return f"last-{name}"[:128]


def terms(probe: Digest, policy: Digest) -> str:
    """What a test's result depends on besides the image: the program that ran and the rules that judged."""
    return Digest.of(canonical([str(probe), str(policy)])).hex[:_TERMS_DIGITS]


def pass_tag(digest: Digest, terms: str, level: Level, day: date) -> str:
    """The tag that says that a passing receipt was attached to a digest on a day."""
    return f"pass-{digest.hex}-{terms}-{level}-{day:%Y%m%d}"


def time_tag(key: Digest, seconds: float) -> str:
    """The tag that says how long a build took."""
    return f"time-{key.hex[:_KEY_DIGITS]}-{min(max(round(seconds), 1), 999_999)}"


def is_last(tag: str) -> bool:
    """Whether a tag leads to the newest build of a target for a platform."""
    return tag.startswith("last-")


def cached_key(tag: str) -> str | None:
    """The key tag of the build whose steps a tag leads to; None for tags of other forms."""
    found = _CACHE.fullmatch(tag)
    return f"key-{found[1]}" if found else None


def key_of(tag: str) -> str | None:
    """The key tag that a tag is, or tells the digest of; None for tags of other forms."""
    found = _KEY.fullmatch(tag)
    return f"key-{found[1]}" if found else None


def is_own(tag: str) -> bool:
    """Whether a tag has one of the forms that this room gives them."""
    forms = (_KEY, _CACHE, _TIME, _PASS)
    return any(form.fullmatch(tag) for form in forms) or is_last(tag)


@dataclass(frozen=True, slots=True)
class Passed:
    """A passing receipt that a tag tells of."""

    terms: str
    level: Level
    day: date


@dataclass(frozen=True, slots=True)
class Staged:
    """What a staging repository's tags say. `unconfirmed` are keys whose digest no tag tells.

    `seconds` are what builds took, by their key tags.
    """

    digests: Mapping[str, Digest]
    unconfirmed: frozenset[str]
    passes: Mapping[Digest, tuple[Passed, ...]]
    seconds: Mapping[str, int] = field(default_factory=dict)

    def digest(self, key: Digest) -> Digest | None:
        """The manifest built for this key."""
        return self.digests.get(key_tag(key))

    def levels(self, digest: Digest, terms: str, *, today: date, max_age: timedelta) -> frozenset[Level]:
        """The levels of the receipts that were attached under these terms and are young enough."""
        return frozenset(
            found.level
            for found in self.passes.get(digest, ())
            if found.terms == terms and today < found.day + max_age and found.day <= today + _AHEAD
        )

    def untested(self, digest: Digest, terms: str, level: Level, *, today: date, max_age: timedelta) -> str:
        """Why the receipts that tags tell of do not spare a test of this level."""
        told = self.passes.get(digest, ())
        under = [found for found in told if found.terms == terms]
        young = self.levels(digest, terms, today=today, max_age=max_age)
        if young:
            return f"it passed at level {', '.join(sorted(young))}, and {level} is required"
        if under and min(found.day for found in under) > today + _AHEAD:
            return f"its test of {max(found.day for found in under)} is from the future: a clock is wrong"
        if under:
            return f"its test of {max(found.day for found in under)} is older than {max_age.days} days"
        return "the probe or the policy changed" if told else "it has not passed a test"


def read(tags: Iterable[str]) -> Staged:
    """What these tags say; tags of other forms are somebody else's."""
    told: dict[str, set[Digest]] = {}
    passes: dict[Digest, tuple[Passed, ...]] = {}
    tags = tuple(tags)
    for tag in tags:
        if found := _KEY.fullmatch(tag):
            of_key = told.setdefault(f"key-{found[1]}", set())
            of_key |= {Digest("sha256", found[2])} if found[2] else set()
        elif found := _PASS.fullmatch(tag):
            digest = Digest("sha256", found[1])
            try:
                day = datetime.strptime(found[4], "%Y%m%d").date()
            except ValueError:
                continue
            passes[digest] = (*passes.get(digest, ()), Passed(found[2], Level(found[3]), day))
    digests = {key: _one(some, passes) for key, some in told.items() if some}
    return Staged(digests, frozenset(told.keys() - digests.keys()), passes, _seconds(tags))


def _one(digests: Iterable[Digest], passes: Mapping[Digest, tuple[Passed, ...]]) -> Digest:
    """The image of a key that two runners built at once, and differently: whoever reads says the same.

    What passed a test may have been released, and the sooner it passed the sooner: it stays the key's image.
    Among others, and on one day, the smallest digest is as good as any.
    """

    def rank(digest: Digest) -> tuple[date, str]:
        return min((found.day for found in passes.get(digest, ())), default=date.max), digest.hex

    return min(digests, key=rank)


def _seconds(tags: Iterable[str]) -> Mapping[str, int]:
    # Of two runners that built the same, the slower one counts: an estimate should not be too short.
    told = sorted((int(found[2]), f"key-{found[1]}") for tag in tags if (found := _TIME.fullmatch(tag)))
    return {key: seconds for seconds, key in told}
