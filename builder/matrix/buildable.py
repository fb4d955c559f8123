"""What the templates in dockerfiles/ can build on."""

from builder.facts.systems import System
from builder.facts.version import at_least

PACKAGE_MANAGERS = ("apt", "dnf")
# Virtual environments for older ones need older tools, which this project does not carry.
OLDEST_PYTHON = "3.8"
# py-rattler's own floor: it unpacks conda's packages on the build machine, with a Python of the system's.
_OLDEST_SOLVER = "3.10"


def solver_python(system: System) -> str | None:
    """The Python of a system that conda's packages are unpacked with; None where none is new enough."""
    known = (version for version in (system.python, *system.pythons) if version)
    return next((version for version in known if at_least(version, _OLDEST_SOLVER)), None)
