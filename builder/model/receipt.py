"""Receipts: what a smoke test saw, bound to the digest it ran on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from builder.model.cell import Level
from builder.model.digest import Digest


class Status(StrEnum):
    """How a check ended. Skipped is not passed."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Check:
    """One check's result: what passing proves, how long it took, and what was seen."""

    id: str
    proves: str
    status: Status
    milliseconds: int
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """The result of one smoke test of one platform manifest.

    `probe` and `policy` are the digests of the program that ran and of the rules that judged it. `host` holds
    what the proof depends on: `gpu`, `capability`, `driver`, `access`, `kernel`, `engine`; and as `unpacked`
    the bytes of the image's files. `when` is UTC with whole seconds.
    """

    subject: Digest
    level: Level
    passed: bool
    probe: Digest
    policy: Digest
    checks: tuple[Check, ...]
    when: datetime
    host: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), hash=False)

    @property
    def unpacked(self) -> int:
        """The bytes of the image's files as the probe counted them; 0 where it did not."""
        told = self.host.get("unpacked", "")
        return int(told) if told.isdecimal() else 0

    def ids(self, status: Status) -> tuple[str, ...]:
        """The checks that ended so, in the order they ran."""
        return tuple(check.id for check in self.checks if check.status is status)
