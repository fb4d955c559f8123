"""What a release would find of each target: nothing yet, the same, or tags that are something else."""

from collections.abc import Mapping, Sequence
from enum import StrEnum

from builder.model.release import Candidate
from builder.registry.client import Registry
from builder.release.order import Order
from builder.release.records import shelf as shelves
from builder.release.records.shelf import Shelf, look


class Prospect(StrEnum):
    """What the release repositories have of a target."""

    PUBLISH = "publish"
    UNCHANGED = "unchanged"
    TAKEN = "taken"


def prospects(registry: Registry, wanted: Order) -> Mapping[str, Prospect]:
    """The prospect of each whole candidate, by its name; receipts are not looked at."""
    tags = {tag for candidate in wanted.candidates for tag in (*candidate.tags, *candidate.rolling)}
    found = tuple(look(registry, repository, tags) for repository in wanted.destinations)
    whole = [candidate for candidate in wanted.candidates if not candidate.dropped]
    return {candidate.name: _prospect(found, candidate) for candidate in whole}


def _prospect(found: Sequence[Shelf], candidate: Candidate) -> Prospect:
    if all(shelves.unchanged(shelf, candidate) for shelf in found):
        return Prospect.UNCHANGED
    return Prospect.TAKEN if any(_is_taken(shelf, candidate) for shelf in found) else Prospect.PUBLISH


def _is_taken(shelf: Shelf, candidate: Candidate) -> bool:
    """Whether an immutable tag of the candidate is there, and is not of what is staged."""
    staged = {part.platform: part.staged for part in candidate.parts}
    return any(tag in shelf.tags and shelf.platforms(tag) != staged for tag in candidate.tags)
