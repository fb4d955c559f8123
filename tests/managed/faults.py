"""Faults in Pythons that uv manages. Each is built on top of an image that passes."""

from dataclasses import dataclass

from tests.smoke.faults.fault import Fault

_OWN = "/usr/lib/own"


@dataclass(frozen=True, slots=True)
class PythonFault(Fault):
    """What root does to the image, and what the check in `refused_by` says then."""

    line: str
    said: str


PYTHONS = (
    PythonFault(
        "other-base-python",
        "the virtual environment leads to a Python elsewhere",
        ("platform.managed",),
        f"ln -s /opt/python {_OWN} && sed -i 's#^home = .*#home = {_OWN}/bin#' /opt/venv/pyvenv.cfg",
        f"python is of {_OWN}, not of /opt/python",
    ),
    PythonFault(
        "headers-elsewhere",
        "the archive as it was built: headers are said to be below /install",
        ("platform.managed",),
        "sed -i s#/opt/python#/install# /opt/python/lib/python3.11/_sysconfigdata_*.py",
        "python is of /install/include/python3.11, not of /opt/python",
    ),
)
