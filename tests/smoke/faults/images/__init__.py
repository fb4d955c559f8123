"""Faults in images. Each is built on top of an image that passes."""

from .apps import APPS
from .compiler import COMPILER
from .files import FILES
from .ground import GROUND
from .packages import INSTALLED, PACKAGES
from .probe import HOOK, PROBE
from .toolkit import TOOLKIT
from .torch import TORCH
from .wheels import TWIN, WHEELS

IMAGES = (*GROUND, *FILES, *TOOLKIT, *COMPILER, *APPS, *TORCH, *WHEELS, *PACKAGES, *PROBE)

__all__ = ["HOOK", "IMAGES", "INSTALLED", "TWIN"]
