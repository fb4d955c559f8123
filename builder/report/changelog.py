"""What changed between two releases: targets, the inputs of their builds, and the packages in them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from builder.report import markdown as md

_MOST = 40


@dataclass(frozen=True, slots=True)
class PackageChange:
    """A package that a target gained, lost or has in another version; an empty version is none."""

    name: str
    before: str
    after: str

    def __str__(self) -> str:
        if not self.before:
            return f"{self.name} {self.after} is new"
        if not self.after:
            return f"{self.name} {self.before} is gone"
        return f"{self.name} {self.before} → {self.after}"


@dataclass(frozen=True, slots=True)
class TargetChange:
    """A target that differs: how, by which inputs and packages. `note` says what nobody can tell."""

    target: str
    kind: str
    why: tuple[str, ...] = ()
    packages: tuple[PackageChange, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Changelog:
    """The changes from one release record to another, in the order of the targets' names."""

    repository: str
    before: str
    after: str
    changes: tuple[TargetChange, ...]


def compare(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[PackageChange, ...]:
    """What differs between the versions of packages by name."""
    return tuple(
        PackageChange(name, before.get(name, ""), after.get(name, ""))
        for name in sorted({*before, *after})
        if before.get(name, "") != after.get(name, "")
    )


def markdown(found: Changelog) -> str:
    """A page of release notes; targets with the same changes stand together."""
    lines = [f"### {md.code(found.before)} to {md.code(found.after)} of {md.code(found.repository)}", ""]
    if not found.changes:
        return "\n".join([*lines, "Nothing changed."])
    for body, group in groupby(sorted(found.changes, key=_body), key=_body):
        lines.append(f"- {', '.join(md.code(change.target) for change in group)}: {body[0]}")
        lines += [f"  - {line}" for line in body[1:]]
    return "\n".join(lines)


def data(found: Changelog) -> dict[str, Any]:
    """For programs; an empty version is none."""
    return {
        "repository": found.repository,
        "from": found.before,
        "to": found.after,
        "changes": [
            {
                "target": change.target,
                "kind": change.kind,
                "why": list(change.why),
                "packages": [{"name": p.name, "from": p.before, "to": p.after} for p in change.packages],
                "note": change.note,
            }
            for change in found.changes
        ],
    }


def _body(change: TargetChange) -> tuple[str, ...]:
    return (change.kind, *_lines(change))


def _lines(change: TargetChange) -> Iterator[str]:
    yield from change.why
    yield from map(str, change.packages[:_MOST])
    if len(change.packages) > _MOST:
        yield f"and {len(change.packages) - _MOST} more packages"
    if change.note:
        yield change.note
