"""What emulated builds can be trusted with."""

from builder.facts.table import table
from builder.facts.version import at_least, minor


def runs_torch(qemu: str, arch: str) -> bool | None:
    """Whether `import torch` survives under this QEMU emulating that architecture; None when nobody tried.

    Versions up to one that crashed are taken to crash, and from one that worked to work.
    """
    rows = [row for row in table("emulators").data["emulators"] if row["arch"] == arch]
    if any(row["runs_torch"] and at_least(qemu, row["qemu"]) for row in rows):
        return True
    return (
        False if any(not row["runs_torch"] and at_least(row["qemu"], minor(qemu)) for row in rows) else None
    )
