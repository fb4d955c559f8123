"""What the templates in dockerfiles/ can build on."""

from builder.facts.systems import System
from builder.facts.version import at_least
from builder.model.cell import Env

PACKAGE_MANAGERS = ("apt", "dnf")
# Virtual environments for older ones need older tools, which this project does not carry.
OLDEST_PYTHON = "3.8"
# py-rattler's own floor: it unpacks conda's packages on the build machine, with a Python of the system's.
_OLDEST_SOLVER = "3.10"
# Debian 11 has its C library outside of /usr, which is what is lent, and older ones no Python for the probe.
_OLDEST_LENT = "3.10"


def tools_python(system: System, env: Env) -> str | None:
    """The Python of a system that fetches what brings a Python of its own; None where none is new enough."""
    floor = _OLDEST_SOLVER if env is Env.CONDA else OLDEST_PYTHON
    known = (version for version in (system.python, *system.pythons) if version)
    return next((version for version in known if at_least(version, floor)), None)


def lent_python(system: System) -> str:
    """The Python of a system that an image without one is tested with; what it needs to be built, too.

    Raises:
        LookupError: for a system whose images cannot do without; the message says why.
    """
    if system.package_manager != "apt":
        raise LookupError(
            f"{system.package_manager}, with which {system.name} installs, is written in Python"
        )
    if not system.python or not at_least(system.python, _OLDEST_LENT):
        raise LookupError(f"{system.name} has no Python of its own that could be lent to the test")
    return system.python
