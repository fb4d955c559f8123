"""The disk that builds need, against what there is of it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Space:
    """An estimate, in bytes, for the builds whose past sizes are known.

    `builds` counts those, `unknown` are the names of the others. `free` is what is left at `place`, the
    engine's folder; None where that is on another machine. With a `budget` the builds are done in so many
    `groups`; `alone` are those which exceed it by themselves.
    """

    needed: int
    builds: int
    unknown: tuple[str, ...] = ()
    free: int | None = None
    place: str = ""
    budget: int | None = None
    groups: int = 1
    alone: tuple[str, ...] = ()

    @property
    def short(self) -> bool:
        """Whether less is free than what is certain to be needed at a time."""
        at_once = self.needed if self.budget is None else min(self.needed, self.budget)
        return self.free is not None and self.free < at_once
