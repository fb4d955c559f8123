"""What a planted fault of a machine is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from builder.doctor.observation import Part, State

TODAY = date(2026, 11, 21)


@dataclass(frozen=True, slots=True)
class HostFault:
    """Files that differ from a sound machine's, the part that is named, and words of both sentences."""

    id: str
    planted: str
    files: Mapping[str, str | None]
    part: Part
    says: str
    fix: str
    state: State = State.BROKEN
    on: date = TODAY
    platforms: tuple[str, ...] = field(default=("linux/amd64", "linux/arm64"))

    @property
    def refused_by(self) -> tuple[str, ...]:
        """Where the doctor says it, and in which words."""
        return (f"{self.part}: {self.says}",)
