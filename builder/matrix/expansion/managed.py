"""Pythons that uv manages: archives of python-build-standalone, one for each architecture."""

import re
from dataclasses import dataclass

from builder.facts import systems
from builder.facts.version import at_least
from builder.matrix.expansion.buildable import OLDEST_PYTHON, tools_python
from builder.model.cell import Cell, Env, Source

# Where releases of python-build-standalone are, by uv's own documentation of its mirrors.
RELEASES = "https://github.com/astral-sh/python-build-standalone/releases/download"
# What images are for and what builds run on: a virtual environment is made with the build machine's own.
MACHINES = ("aarch64", "x86_64")
_MINOR = re.compile(r"3\.[0-9]+")


@dataclass(frozen=True, slots=True)
class ManagedPython:
    """A minor version of Python, as `3.12`, whose newest release the lock looks for."""

    version: str

    @property
    def id(self) -> str:
        """The name under which the lock keeps its archives."""
        return f"python {self.version}"


def managed(cell: Cell) -> ManagedPython | None:
    """The Python that uv manages in a cell's image; None where that is another's business.

    Raises:
        LookupError: when there cannot be one; the message says why.
    """
    if cell.env is not Env.UV:
        return None
    if cell.source is Source.NGC_PYTORCH:
        raise LookupError("the source `ngc-pytorch` brings a Python and a torch of its own")
    if cell.platform.machine not in MACHINES:
        raise LookupError(f"uv manages no Python for {cell.platform}")
    if not _MINOR.fullmatch(cell.python):
        raise LookupError(f"`{cell.python}` is no version of Python as `3.12`; the lock has the whole one")
    if not at_least(cell.python, OLDEST_PYTHON):
        raise LookupError(f"Python {cell.python} is older than {OLDEST_PYTHON}")
    system = systems.system(cell.os)
    if system and tools_python(system, cell.env) is None:
        raise LookupError(f"{cell.os} has no Python that uv can be installed with")
    return ManagedPython(cell.python)
