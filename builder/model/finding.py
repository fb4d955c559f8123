"""Something that a rule has to say about the matrix or about an image."""

from dataclasses import dataclass
from enum import StrEnum

from builder.model.location import Location


class Severity(StrEnum):
    """How much a finding weighs: an error stops a build, a warning and a note do not."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule's word on one subject: what is wrong, where, and what to do."""

    rule: str
    severity: Severity
    message: str
    fix: str
    where: Location | None = None
    subjects: tuple[str, ...] = ()
