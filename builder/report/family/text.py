"""The family for terminals, READMEs and the summaries of CI runs."""

from collections.abc import Iterator, Mapping

from builder.model.digest import Digest
from builder.model.size import show_size
from builder.report import markdown as md
from builder.report.family import words
from builder.report.family.saved import saved, uses
from builder.report.family.values import Family, Member, Release, State
from builder.report.table import table

_HEADER = ("image", "platforms", "size", "unpacked", "saved", "driver", "tested", "state")


def text(family: Family) -> str:
    """What exists now: a table, why the rest does not, and the sums.

    Of the largest image of each: what a pull downloads, what that comes to unpacked, and how much of it other
    images of the family have.
    """
    used = uses(family)
    rows = [
        (member.tag, words.platforms(member), *_facts(member, used), words.state(member))
        for member in family.members
    ]
    lines = [f"{family.repository}{_latest(family)}", table(_HEADER, rows)] if rows else [_nothing(family)]
    lines += [f"{member.tag}: {reason}" for member in family.members for reason in member.reasons]
    lines += [f"{member.tag}: {lost}" for member, lost in _lost(family)]
    return "\n".join([*lines, *family.notes, sums(family)])


def markdown(family: Family) -> str:
    """The same for a README, a registry's page or a CI run's summary, with the last release's changes."""
    used = uses(family)
    rows = [
        (md.code(member.tag), words.platforms(member), *_facts(member, used), words.state(member))
        for member in family.members
    ]
    blocks = [f"### {md.code(str(family.repository))}{_latest(family)}", sums(family)]
    blocks += [md.table(_HEADER, rows)] if rows else []
    reasons = [
        f"- {md.code(member.tag)}: {md.cell(reason)}"
        for member in family.members
        for reason in member.reasons
    ]
    blocks += ["\n".join(["**What is not published, and why**", "", *reasons])] if reasons else []
    blocks += _changed(family.releases[-1]) if family.releases else []
    return "\n\n".join([*blocks, *family.notes])


def sums(family: Family) -> str:
    """`98 published, 6 withheld; 196 images of 612 GB, stored in 214 GB: 398 GB are saved`."""
    states = ", ".join(f"{n} {state}" for state in State if (n := family.count(state))) or "nothing"
    if not family.images:
        return states
    count = len(family.images)
    images = f"{count} image{'' if count == 1 else 's'} of {show_size(family.pulled)}"
    return f"{states}; {images}, stored in {show_size(family.stored)}: {show_size(family.saved)} are saved"


def _facts(member: Member, used: Mapping[Digest, int]) -> tuple[str, ...]:
    largest = max(member.images, key=lambda image: image.size, default=None)
    sizes = (largest.size, largest.unpacked, saved(largest, used)) if largest else (0, 0, 0)
    return *(show_size(size) if size else "" for size in sizes), words.driver(member), words.tested(member)


def _latest(family: Family) -> str:
    return f", {family.releases[-1].name}" if family.releases else ""


def _nothing(family: Family) -> str:
    return f"{family.repository} holds no release"


def _lost(family: Family) -> Iterator[tuple[Member, str]]:
    for member in family.members:
        for platform in member.lost:
            yield member, f"the registry has lost its image for {platform}"


def _changed(release: Release, most: int = 20) -> list[str]:
    if not release.changes:
        return []
    back = f", going back to {release.rollback}" if release.rollback else ""
    lines = [
        f"- {md.code(change.target)}: {change.kind}{_why(change.why)}" for change in release.changes[:most]
    ]
    lines += [f"- and {len(release.changes) - most} more"] if len(release.changes) > most else []
    return ["\n".join([f"**Changed by {release.name}{back}**", "", *lines])]


def _why(lines: tuple[str, ...], most: int = 3) -> str:
    more = f" and {len(lines) - most} more" if len(lines) > most else ""
    return f" ({md.cell('; '.join(lines[:most]))}{more})" if lines else ""
