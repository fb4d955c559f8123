"""Ways in which CUDA goes missing."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from builder.doctor.image.evidence import Circumstances, Evidence

# The sentence that says what was seen, empty where the ailment is another.
Signs = Callable[[Evidence, Circumstances], str]


class Layer(StrEnum):
    """What a program needs in order to compute on a GPU, from below."""

    CONTAINER = "container"
    DRIVER = "driver"
    TOOLKIT = "toolkit"
    TORCH = "torch"


class Smi(StrEnum):
    """What nvidia-smi in the container makes of it."""

    WORKS = "works"
    FAILS = "fails"
    EITHER = "either"


@dataclass(frozen=True, slots=True)
class Ailment:
    """A way in which CUDA goes missing.

    `cause` says what is wrong, `torch` what torch or the CUDA runtime say then, `fix` what mends it.
    """

    id: str
    layer: Layer
    cause: str
    smi: Smi
    torch: str
    fix: str
    signs: Signs
