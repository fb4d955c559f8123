"""The key that a base must trust for NVIDIA's packages, as the build context's `keys.py` is told of it."""

from builder.facts import keys
from builder.model.cell import Cell, Source


def trusted(cell: Cell) -> tuple[str, ...]:
    """The key that signs the packages of an upstream base: its id, its pin, and the keys that it replaced.

    Empty for other bases, and where the tables have no pin that was verified; `check` says of which.
    """
    pinned = keys.pin(cell.os) if cell.source is Source.UPSTREAM else None
    if pinned is None:
        return ()
    key, pin = pinned
    return (key.id, pin, *(f"{old.id}={old.until}" for old in keys.former(key.id) if old.until))
