"""What the container was given: variables and device files."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from builder.smoke.probes.promise import Facts, Promise

_VARIABLES = (
    "CUDA_VISIBLE_DEVICES",
    "NVIDIA_VISIBLE_DEVICES",
    "NVIDIA_DRIVER_CAPABILITIES",
    "LD_LIBRARY_PATH",
    "LD_PRELOAD",
)


def variables(_promise: Promise, facts: Facts) -> str:
    """Those that decide which GPUs and which libraries a program sees, where they are set."""
    facts.update({f"variable.{name}": os.environ[name] for name in _VARIABLES if name in os.environ})
    return "variables"


def devices(_promise: Promise, facts: Facts) -> str:
    """Opens each device file of a GPU: `ok`, or the name of the error."""
    for path in sorted(Path("/dev").glob("nvidia*")) + sorted(Path("/dev").glob("dxg")):
        if not path.is_dir():
            facts[f"device.{path}"] = _opens(path)
    return "devices"


def _opens(path: Path) -> str:
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CLOEXEC))
    except OSError as error:
        return errno.errorcode.get(error.errno or 0, str(error))
    return "ok"
