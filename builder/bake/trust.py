"""The key that a base must trust for NVIDIA's packages, as the build context's `keys.py` is told of it."""

from builder.facts import keys
from builder.model.cell import Cell, Source


def trusted(cell: Cell) -> tuple[str, ...]:
    """The key that signs the packages of an upstream base: its id, its pin, and the keys that it replaced.

    Empty for other bases, and where the tables do not have the pin.
    """
    repository = keys.repository(cell.os) if cell.source is Source.UPSTREAM else None
    key = keys.key(repository.key) if repository else None
    pin = (key.fingerprint or key.sha256) if key else None
    if key is None or pin is None:
        return ()
    return (key.id, pin, *(f"{old.id}={old.until}" for old in keys.former(key.id) if old.until))
