"""Checks: functions with an id, what they prove, and when they are wanted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from builder.smoke.probes.promise import Facts, Promise

Run = Callable[[Promise, Facts], str]


class Failed(Exception):  # noqa: N818  the field's word for it
    """The image does not keep its promise; the text says what was seen instead."""


class Skipped(Exception):  # noqa: N818
    """The check could not be made here, and why."""


@dataclass(frozen=True)
class Check:
    """A check. `run` returns what it saw, adds to the facts, and raises `Failed` or `Skipped`.

    Checks of one lane share a process and run in order; lanes run side by side. What touches a GPU shares as
    few processes as it can: the kernel module starts one CUDA context at a time, whichever GPU it is for, so
    that tests on other GPUs wait for each (docs/measurements.md). `limit` is in seconds on an idle host of
    the image's own architecture.
    """

    id: str
    proves: str
    lane: str
    limit: float
    wanted: Callable[[Promise], bool]
    run: Run


def always(_promise: Promise) -> bool:
    """Wanted whatever the cell."""
    return True


def with_cuda(promise: Promise) -> bool:
    """Wanted where the image has CUDA."""
    return bool(promise.cuda)


def with_torch(promise: Promise) -> bool:
    """Wanted where the image has torch."""
    return bool(promise.torch)


def with_gpu(promise: Promise) -> bool:
    """Wanted where the image is tested on a GPU."""
    return promise.gpu


def torch_on_gpu(promise: Promise) -> bool:
    """Wanted where torch is tested on a GPU."""
    return promise.gpu and bool(promise.torch)


def check(
    id: str,  # noqa: A002
    proves: str,
    *,
    lane: str,
    limit: float,
    wanted: Callable[[Promise], bool] = always,
) -> Callable[[Run], Check]:
    """Make a check of a function."""
    return lambda run: Check(id, proves, lane, limit, wanted, run)
