"""What can be wrong with a machine, each planted in files or programs of a sound one."""

from .driver import DRIVER_FAULTS
from .engine import ENGINE_FAULTS
from .fault import TODAY, HostFault
from .lending import LENDING_FAULTS
from .wsl2 import WSL2_FAULTS

FAULTS = (*DRIVER_FAULTS, *WSL2_FAULTS, *LENDING_FAULTS, *ENGINE_FAULTS)

__all__ = ["FAULTS", "TODAY", "HostFault"]
