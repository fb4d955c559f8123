"""What the templates show, in the order and the words in which they show it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from builder.facts.version import is_number, parts
from builder.model.cell import CPU, NONE, Flavor
from builder.model.size import show_size
from builder.report.family import words
from builder.report.family.values import Family, Member, State

FILTERS = ("cuda", "flavor", "os", "platform", "torch", "python", "source", "state")


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the grid: the members of a CUDA version on a system, by flavor.

    `first` is how many lines its version has, on the first of them, else 0; `driver` the oldest that runs the
    version, empty where members differ; `end` that of NVIDIA's bases.
    """

    cuda: str
    os: str
    cells: tuple[tuple[Member, ...], ...]
    first: int
    driver: str
    end: words.End | None


@dataclass(frozen=True, slots=True)
class Filter:
    """An axis, and the values that one can choose; only axes with a choice are shown."""

    axis: str
    values: tuple[str, ...]


def flavors(members: Iterable[Member]) -> tuple[str, ...]:
    """The flavors that exist, in NVIDIA's order."""
    found = {member.values.get("flavor", "") for member in members}
    return tuple(str(flavor) for flavor in Flavor if flavor in found)


def grid(members: Sequence[Member], today: date) -> tuple[Row, ...]:
    """The members by CUDA version, newest first, and system; columns are `flavors`."""
    columns = flavors(members)
    places = sorted({(m.values["cuda"], m.values["os"]) for m in members if m.values}, key=_place)
    rows: list[Row] = []
    for cuda, os in places:
        here = [m for m in members if (m.values.get("cuda"), m.values.get("os")) == (cuda, os)]
        cells = tuple(tuple(m for m in here if m.values["flavor"] == flavor) for flavor in columns)
        first = 0 if rows and rows[-1].cuda == cuda else sum(place[0] == cuda for place in places)
        alike = [m for m in members if m.values.get("cuda") == cuda]
        drivers = {words.driver(m) for m in alike}
        ends = (words.end(m, today) for m in alike)
        end = next((end for end in ends if end and end.due), None)
        rows.append(Row(cuda, os, cells, first, drivers.pop() if len(drivers) == 1 else "", end))
    return tuple(rows)


def ordered(members: Iterable[Member]) -> list[Member]:
    """The members as the grid has them, line by line."""
    return sorted(
        members,
        key=lambda m: (_place((m.values["cuda"], m.values["os"])), _order(m.values["flavor"]), m.name),
    )


def filters(members: Sequence[Member]) -> tuple[Filter, ...]:
    """The axes on which members differ."""
    every = [Filter(axis, _choices(axis, members)) for axis in FILTERS]
    return tuple(found for found in every if len(found.values) > 1)


def facts(member: Member) -> dict[str, str]:
    """A member's value on every axis that can be filtered, several separated by spaces."""
    values = {axis: member.values.get(axis, "").replace(" / ", " ") for axis in FILTERS[:-1]}
    return {**values, "platform": words.platforms(member), "state": state(member)}


def searched(member: Member) -> str:
    """The words by which a member is found: its names, digests and packages."""
    digests = [str(member.index or ""), *(str(image.digest) for image in member.images)]
    packages = [
        f"{name}=={version}" for image in member.images[:1] for name, version in image.packages.items()
    ]
    return " ".join([member.name, *member.tags, *member.rolling, *digests, *packages])


def state(member: Member) -> str:
    """The state as the page's colours know it."""
    return str(member.state).replace(" ", "-")


def variant(member: Member, others: Sequence[Member]) -> str:
    """What tells a member from its neighbours in the grid."""
    axes = [axis for axis in ("torch", "python", "source") if len({m.values.get(axis) for m in others}) > 1]
    named = {"torch": "torch {}", "python": "py{}", "source": "{}"}
    told = [named[axis].format(member.values[axis]) for axis in axes if member.values[axis] != NONE]
    return " ".join(told)


def is_usual(member: Member) -> bool:
    """Whether its state is the one that needs no word."""
    return member.state is State.PUBLISHED and not member.reasons


def tested_on(member: Member) -> str:
    """The GPUs that its images were tested on, in short: `H200, GH200`; `CPU` where none was asked for."""
    names = (r.host.get("gpu", "") for image in member.images for r in image.receipts if r.passed)
    found = dict.fromkeys(name.removeprefix("NVIDIA ").partition(" ")[0] for name in names)
    return ", ".join(name or "CPU" for name in found)


def badge(member: Member, today: date) -> str:
    """A warning about a member's end; empty where there is none."""
    found = words.end(member, today)
    if not found or not found.due:
        return ""
    return "EOL" if found.past else "EOL soon"


def tiles(family: Family) -> tuple[tuple[str, str, str], ...]:
    """The figures at the top: a number, what it counts, and a word on it."""
    published = family.count(State.PUBLISHED)
    waiting = [m for m in family.members if not m.state.is_out]
    gpu = sum(words.on_gpu(m) for m in family.members if m.state.is_out)
    saved = 100 - 100 * family.stored / family.pulled if family.pulled else 0
    return (
        (f"{published}", f"of {len(family.members)} published", _waiting(waiting)),
        (f"{gpu}", "tested on a GPU", "on the very digest that is published"),
        (f"{len(family.images)}", "images", _platforms(family)),
        (show_size(family.stored), "stored", f"{saved:.0f} % of {show_size(family.pulled)} is shared"),
    )


def _waiting(waiting: Sequence[Member]) -> str:
    counts = {kind: sum(m.state is kind for m in waiting) for kind in State}
    return ", ".join(f"{n} {kind}" for kind, n in counts.items() if n) or "nothing is missing"


def _platforms(family: Family) -> str:
    return " and ".join(sorted({image.platform.slug for image in family.images}))


def _choices(axis: str, members: Sequence[Member]) -> tuple[str, ...]:
    found = {value for member in members for value in facts(member)[axis].split()}
    return tuple(sorted(found, key=_order))


def _place(place: tuple[str, str]) -> tuple[object, ...]:
    cuda, os = place
    return cuda == CPU, tuple(-part for part in parts(cuda)) if is_number(cuda) else (), os


def _order(value: str) -> tuple[object, ...]:
    """Versions newest first, words by the alphabet, `none` and `cpu` last."""
    if is_number(value):
        return 0, tuple(-part for part in parts(value)), ""
    if value in set(Flavor):
        return 1, (tuple(Flavor).index(Flavor(value)),), ""
    return 2, (value in (NONE, CPU),), value
