"""The OS packages of a cell, and what the package managers call machines."""

from dataclasses import dataclass

from builder.facts.systems import System
from builder.facts.version import at_least
from builder.matrix.buildable import OLDEST_PYTHON, PACKAGE_MANAGERS, tools_python
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

    None where the base brings all of that. A Python of conda's or uv's brings itself and its headers.

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
    own = cell.env is not Env.PIP
    version = tools_python(system, cell.env) if own else cell.python
    if not version:
        raise LookupError(f"{system.name} has no Python of its own{' that is new enough' if own else ''}")
    if not at_least(version, OLDEST_PYTHON):
        raise LookupError(f"Python {version} is older than {OLDEST_PYTHON}")
    compiles = cell.flavor.has_compiler
    if system.package_manager == "apt":
        python = f"python{version}"
        headers = (*(() if own else (f"lib{python}-dev",)), "g++") if compiles else ()
        return Packages("apt", cell.platform.slug, version, version, (*(() if own else (python,)), *headers))
    python = "python3" if version == system.python else f"python{version}"
    headers = (*(() if own else (f"{python}-devel",)), "gcc-c++") if compiles else ()
    names = (*(() if own else (python,)), "shadow-utils", *headers)
    return Packages("dnf", cell.platform.machine, python, version, names)
