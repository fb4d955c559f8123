"""What is said of the disk before builds begin."""

from collections.abc import Iterator

from builder.model.size import show_size
from builder.model.space import Space


def sentences(space: Space) -> Iterator[str]:
    """The estimate against what is free, and whatever is not as it should be."""
    yield f"disk: {_needed(space)}; {_free(space)}"
    if space.budget is not None:
        groups = f"{space.groups} group{'' if space.groups == 1 else 's'}"
        yield f"disk: {groups} of builds under {show_size(space.budget)}, the build cache pruned before each"
    for name in space.alone:
        yield f"disk: {name} alone needs more than the budget"
    if space.short:
        cure = "free some" if space.budget is not None else "free some, or build in groups with --disk-budget"
        yield f"disk: that may not be enough: {cure}"


def _needed(space: Space) -> str:
    unknown = len(space.unknown)
    more = f"{_builds(unknown)} of unknown size"
    if not space.builds:
        return more
    known = f"{_builds(space.builds)} of some {show_size(space.needed)} together"
    return f"{known}, and {more}" if unknown else known


def _builds(count: int) -> str:
    return f"{count} build{'' if count == 1 else 's'}"


def _free(space: Space) -> str:
    if space.free is None:
        return "what the builder has free is not known here"
    return f"{show_size(space.free)} free at {space.place}"
