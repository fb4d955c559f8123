"""What a release changed: told from its record, the one before it, and the inputs of the builds."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

from builder.bake.recipe import differences
from builder.model.descriptor import Descriptor
from builder.model.digest import Digest
from builder.model.platform import Platform
from builder.report.family.values import Change

Inputs = Callable[[Digest], Mapping[str, Any]]
_NEW, _CHANGED, _SAME_IMAGES, _GONE = "new", "changed", "same images", "dropped"


class Entry(Protocol):
    """What a record says of a target."""

    @property
    def target(self) -> str:
        """Its name."""

    @property
    def index(self) -> Descriptor:
        """Its index."""

    @property
    def platforms(self) -> Mapping[Platform, Digest]:
        """The platform manifests in it."""


def changes(before: Iterable[Entry], after: Iterable[Entry], inputs: Inputs) -> tuple[Change, ...]:
    """The changes between two records, by target; `inputs` are those of a build, empty where nobody knows."""
    old = {entry.target: entry for entry in before}
    new = {entry.target: entry for entry in after}
    told = [_change(old.get(name), entry, inputs) for name, entry in new.items()]
    gone = [Change(name, _GONE) for name in old if name not in new]
    return tuple(sorted(filter(None, (*told, *gone)), key=lambda change: change.target))


def _change(before: Entry | None, after: Entry, inputs: Inputs) -> Change | None:
    if before is None:
        return Change(after.target, _NEW)
    if before.index.digest == after.index.digest:
        return None
    if dict(before.platforms) == dict(after.platforms):
        return Change(after.target, _SAME_IMAGES)
    return Change(after.target, _CHANGED, _why(before, after, inputs))


def _why(before: Entry, after: Entry, inputs: Inputs) -> tuple[str, ...]:
    """What changed on any platform, each line once."""
    lines: dict[str, None] = {}
    for platform, digest in after.platforms.items():
        earlier = before.platforms.get(platform)
        if earlier is None:
            lines[f"{platform} is new"] = None
        elif earlier != digest:
            known = inputs(earlier), inputs(digest)
            lines |= dict.fromkeys(differences(*known) if all(known) else ())
    return tuple(lines)
