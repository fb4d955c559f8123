"""Compute capabilities: which machine code runs on which GPU."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from builder.facts.version import parts

# Tegra has no binary compatibility across minors, nor with desktop GPUs (CUDA programming guide).
TEGRA = frozenset({"5.3", "6.2", "7.2", "8.7"})
_ENTRY = re.compile(r"(?P<cc>[0-9]+\.[0-9])(?P<ptx>\+PTX)?")
_NAME = re.compile(r"(?:sm_?|cc ?)?(?P<major>[0-9]+?)\.?(?P<minor>[0-9])[af]?", re.IGNORECASE)


class Coverage(StrEnum):
    """How code runs on a GPU: made for it, made for a lower minor, compiled by the driver, or not."""

    EXACT = "exact"
    BINARY = "binary"
    PTX = "ptx"
    NONE = "none"

    @property
    def runs(self) -> bool:
        """Whether it runs at all."""
        return self is not Coverage.NONE


@dataclass(frozen=True, slots=True)
class ArchList:
    """What a library was compiled for: SASS and PTX, by compute capability."""

    sass: tuple[str, ...]
    ptx: tuple[str, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `8.0;9.0;12.0+PTX`, which is how TORCH_CUDA_ARCH_LIST says it; spaces separate too.

        Raises:
            ValueError: for an entry that is not a capability with or without `+PTX`.
        """
        entries = [(entry, _ENTRY.fullmatch(entry)) for entry in text.replace(";", " ").split()]
        if wrong := [entry for entry, match in entries if match is None]:
            raise ValueError(f"{wrong[0]!r} is not a compute capability; write 8.0 or 12.0+PTX")
        matches = [match for _, match in entries if match]
        return cls(
            tuple(match["cc"] for match in matches), tuple(match["cc"] for match in matches if match["ptx"])
        )

    def covers(self, cc: str) -> Coverage:
        """How it runs on a GPU of this capability; `Coverage.PTX` needs `DriverSupport.FULL`."""
        if cc in self.sass:
            return Coverage.EXACT
        major, minor = parts(cc)
        same_major = (parts(other) for other in self.sass if other not in TEGRA and cc not in TEGRA)
        if any(other[0] == major and other[1] <= minor for other in same_major):
            return Coverage.BINARY
        return Coverage.PTX if any(parts(other) <= (major, minor) for other in self.ptx) else Coverage.NONE

    def __str__(self) -> str:
        return ";".join(f"{cc}+PTX" if cc in self.ptx else cc for cc in self.sass)


def capability(text: str) -> str | None:
    """`8.6` of `8.6`, `86`, `sm_86`, `sm_90a` or `cc 8.6`; None for other text."""
    match = _NAME.fullmatch(text.strip())
    return f"{match['major']}.{match['minor']}" if match else None
