"""The OS packages of a cell, and what the package managers call machines."""

from dataclasses import dataclass

from builder.facts.systems import System
from builder.facts.version import at_least
from builder.matrix.buildable import OLDEST_PYTHON, PACKAGE_MANAGERS
from builder.model.cell import Cell, Source


@dataclass(frozen=True, slots=True)
class Packages:
    """What is installed with which package manager.

    `machine` is that manager's name of the platform's architecture; `tools` is the argument of its script for
    the stage that fetches; `names` go into the image.
    """

    manager: str
    machine: str
    tools: str
    names: tuple[str, ...]


def packages(cell: Cell, system: System) -> Packages | None:
    """The packages of a cell: its Python, and a C++ compiler with Python's headers for the devel flavors.

    None where the base brings all of that.

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
    if not cell.python:
        raise LookupError(f"{system.name} has no Python of its own")
    if not at_least(cell.python, OLDEST_PYTHON):
        raise LookupError(f"Python {cell.python} is older than {OLDEST_PYTHON}")
    compiles = cell.flavor.has_compiler
    if system.package_manager == "apt":
        python = f"python{cell.python}"
        headers = (f"lib{python}-dev", "g++") if compiles else ()
        return Packages("apt", cell.platform.slug, cell.python, (python, *headers))
    python = "python3" if cell.python == system.python else f"python{cell.python}"
    headers = (f"{python}-devel", "gcc-c++") if compiles else ()
    return Packages("dnf", cell.platform.machine, python, (python, "shadow-utils", *headers))
