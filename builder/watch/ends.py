"""Ends that are near or past: of bases and their tags, operating systems, driver branches."""

from collections.abc import Iterable, Iterator
from datetime import date

from builder.facts import drivers, systems
from builder.facts.forecast import forecast
from builder.model.alarm import Alarm
from builder.model.cell import Cell, Source
from builder.watch.limits import Limits

BASE, DELETION, SYSTEM, DRIVER = "base-end", "base-deletion", "os-end", "driver-end"


def of_bases(cells: Iterable[Cell], today: date, limits: Limits) -> Iterator[Alarm]:
    """By NVIDIA's policy, of its images that cells are built on."""
    until = today + limits.horizon
    for cuda in dict.fromkeys(cell.cuda for cell in cells if cell.source is Source.UPSTREAM):
        found = forecast(cuda)
        if found is None:
            continue
        move = (
            f"Move to CUDA {found.superseded_by}."
            if found.superseded_by
            else "Plan the move to a newer CUDA."
        )
        if found.is_eol(until):
            when = f" {_on(found.eol, today)}" if found.eol else ""
            yield Alarm(
                BASE, cuda, f"NVIDIA's images of CUDA {cuda} get no more patches{when}: {found.why}", move
            )
        if found.deletable and found.deletable <= until:
            what = f"NVIDIA may delete the tags of CUDA {cuda} {_on(found.deletable, today)}: {found.why}"
            yield Alarm(DELETION, cuda, what, f"Mirror them and name the mirror under `sources`. {move}")


def of_systems(cells: Iterable[Cell], today: date, limits: Limits) -> Iterator[Alarm]:
    """Of the free support of operating systems."""
    for os in dict.fromkeys(cell.os for cell in cells):
        system = systems.system(os)
        if system and system.eol and system.eol <= today + limits.horizon:
            what = f"free support of {os} {_ends(system.eol, today)}"
            yield Alarm(SYSTEM, os, what, "Move to a newer release of it.")


def of_drivers(branches: Iterable[int], today: date, limits: Limits) -> Iterator[Alarm]:
    """Of the driver branches on the machines that the images have to run on."""
    for number in sorted(set(branches)):
        branch = drivers.branch(number)
        if branch and branch.eol and branch.eol <= today + limits.horizon:
            what = f"NVIDIA's support of the driver branch {number} {_ends(branch.eol, today)}"
            yield Alarm(
                DRIVER, str(number), what, "Plan the hosts' move to a newer branch: `which --driver` tells."
            )


def _ends(day: date, today: date) -> str:
    return f"ended on {day}" if day < today else f"ends on {day}"


def _on(day: date, today: date) -> str:
    return f"since {day}" if day <= today else f"from {day} on"
