"""Operating systems under CUDA images."""

from dataclasses import dataclass
from datetime import date
from functools import cache

from builder.facts.table import close, day, table, unverified
from builder.facts.version import at_least


@dataclass(frozen=True, slots=True)
class System:
    """An operating system by the name it has in NVIDIA's tags, as `ubuntu24.04`.

    `image` is its plain image without CUDA; `python` the version of its own python3, which that image often
    lacks, and `pythons` the others that its own repositories have; `cuda_repo` the folder of NVIDIA's package
    repository; `eol` the end of free support, `paid_eol` of any.
    """

    name: str
    image: str
    package_manager: str
    cuda_repo: str | None
    glibc: str
    python: str | None
    pythons: tuple[str, ...]
    eol: date | None
    paid_eol: date | None
    unverified: frozenset[str]

    def has_python(self, version: str) -> bool:
        """Whether its own repositories have this version of Python, written as `3.12`."""
        return version in (self.python, *self.pythons)

    def is_eol(self, on: date) -> bool:
        """Whether its free support has ended on that day; not when the end is not known."""
        return self.eol is not None and self.eol < on

    def has_glibc(self, floor: str) -> bool:
        """Whether its C library is that version or newer, which decides what wheels install."""
        return at_least(self.glibc, floor)


@cache
def systems() -> tuple[System, ...]:
    """All known systems, by name."""
    return tuple(
        System(
            name=row["name"],
            image=row["image"],
            package_manager=row["package_manager"],
            cuda_repo=row.get("cuda_repo"),
            glibc=row["glibc"],
            python=row.get("python"),
            pythons=tuple(row.get("pythons", ())),
            eol=day(row, "eol"),
            paid_eol=day(row, "paid_eol"),
            unverified=unverified(row),
        )
        for row in table("systems").data["systems"]
    )


@cache
def _by_name() -> dict[str, System]:
    return {system.name: system for system in systems()}


def system(name: str) -> System | None:
    """The system of this name."""
    return _by_name().get(name)


def nearest(name: str) -> tuple[str, ...]:
    """The names that look like this one."""
    return close(name, _by_name())
