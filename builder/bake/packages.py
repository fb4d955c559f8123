"""The OS packages of a cell, and what the package managers call machines."""

from dataclasses import dataclass

from builder.facts.systems import System
from builder.facts.version import at_least
from builder.matrix.expansion.buildable import OLDEST_PYTHON, PACKAGE_MANAGERS, lent_python, tools_python
from builder.matrix.expansion.cells import OS_PYTHON
from builder.model.cell import Cell, Env, Source


@dataclass(frozen=True, slots=True)
class Packages:
    """What is installed with which package manager.

    `machine` is that manager's name of the platform's architecture; `tools` is the argument of its script for
    the stage that fetches, and `python` the version of Python there; `names` go into the image.
    """

    manager: str
    machine: str
    tools: str
    python: str
    names: tuple[str, ...]


def packages(cell: Cell, system: System) -> Packages | None:
    """The packages of a cell: its Python, and a C++ compiler with Python's headers for the devel flavors.

    None where the base brings all of that. A Python of conda's or uv's brings itself and its headers; some
    images have none.

    Raises:
        LookupError: for a system or a Python that images cannot be made with; the message says why.
    """
    if cell.source is Source.NGC_PYTORCH:
        return None
    if system.package_manager not in PACKAGE_MANAGERS:
        raise LookupError(
            f"packages of {system.name} come with {system.package_manager}, "
            f"not with {' or '.join(PACKAGE_MANAGERS)}"
        )
    version, compiles = _fetching(cell, system), cell.flavor.has_compiler
    own = bool(cell.python) and cell.env is Env.PIP
    if system.package_manager == "apt":
        python = f"python{version}"
        headers = (*((f"lib{python}-dev",) if own else ()), "g++") if compiles else ()
        return Packages("apt", cell.platform.slug, version, version, (*((python,) if own else ()), *headers))
    python = "python3" if version == system.python else f"python{version}"
    headers = (*((f"{python}-devel",) if own else ()), "gcc-c++") if compiles else ()
    names = (*((python,) if own else ()), "shadow-utils", *headers)
    return Packages("dnf", cell.platform.machine, python, version, names)


def _fetching(cell: Cell, system: System) -> str:
    """The Python of the stage that fetches: the image's own, if that is the system's."""
    if not cell.python:
        return lent_python(system)
    other = cell.env is not Env.PIP
    version = tools_python(system, cell.env) if other else cell.python
    if not version or version == OS_PYTHON:
        raise LookupError(f"{system.name} has no Python of its own{' that is new enough' if other else ''}")
    if not at_least(version, OLDEST_PYTHON):
        raise LookupError(f"Python {version} is older than {OLDEST_PYTHON}")
    return version
