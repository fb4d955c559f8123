"""What a planted fault is."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from builder.model.digest import Digest
from builder.model.policy import Policy
from builder.model.probe import Limits, ProbeRun
from builder.model.receipt import Receipt


@dataclass(frozen=True, slots=True)
class Fault:
    """`planted` says what was done, `refused_by` which checks or which words of an objection answer it."""

    id: str
    planted: str
    refused_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ImageFault(Fault):
    """Lines of a Dockerfile on top of a good image, or a promise that the image does not keep.

    Exactly the checks in `refused_by` must fail; with `at_least` others may follow from them.
    """

    on: str = "base"
    lines: tuple[str, ...] = ()
    changes: dict[str, Any] = field(default_factory=dict)
    limits: Limits = field(default_factory=lambda: Limits(seconds=120))
    at_least: bool = False
    platform: str = "linux/amd64"


@dataclass(frozen=True, slots=True)
class DriverFault(Fault):
    """A driver library that answers as `settings` say, see fake/libcuda.cpp."""

    settings: str = ""
    changes: dict[str, Any] = field(default_factory=dict)
    mounted: bool = True


@dataclass(frozen=True, slots=True)
class ReportFault(Fault):
    """A change to what the probe reported of a good image."""

    spoil: Callable[[list[dict[str, Any]]], list[dict[str, Any]]] = list
    run: dict[str, Any] = field(default_factory=dict)
    allowed: dict[str, str] = field(default_factory=dict)

    def __call__(self, run: Callable[..., ProbeRun], report: list[dict[str, Any]]) -> ProbeRun:
        return run(self.spoil(report), **self.run)


@dataclass(frozen=True, slots=True)
class StatementFault(Fault):
    """A change to the JSON of a good statement."""

    spoil: Callable[[dict[str, Any]], None] = lambda _data: None


@dataclass(frozen=True, slots=True)
class ReceiptFault(Fault):
    """Other values in a good receipt."""

    changes: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PolicyFault(Fault):
    """Receipts that do not add up to a policy."""

    policy: Policy = field(default_factory=Policy)
    receipts: Callable[[Digest, datetime], tuple[Receipt, ...]] = lambda _policy, _now: ()
