"""What an image needs of the machine it runs on. Labels, `check`, `which` and the reports all ask here."""

from dataclasses import dataclass

from builder.facts import cuda as toolkits
from builder.facts import wheels
from builder.facts.archs import ArchList
from builder.facts.cuda import CudaRelease
from builder.facts.torch import Wheel
from builder.facts.version import is_number, parts
from builder.model.cell import Cell, Env, Source


@dataclass(frozen=True, slots=True)
class Needs:
    """The needs of a cell's image.

    `toolkit` and `wheel` are None where it has none, or the tables do not know it: then `unknown` says so.
    `checked` marks NVIDIA's own bases, whose NVIDIA_REQUIRE_CUDA is checked before a container starts.
    """

    toolkit: CudaRelease | None
    wheel: Wheel | None
    checked: bool
    unknown: str = ""

    @property
    def min_driver(self) -> str:
        """The oldest driver that runs its machine code; empty where none is needed or nobody knows."""
        floors = [self.toolkit.minor_driver] if self.toolkit else []
        floors += [self.wheel.min_driver] if self.wheel and self.wheel.min_driver else []
        return max(floors, key=parts, default="")

    @property
    def archs(self) -> ArchList | None:
        """What its code was compiled for: torch's, else the toolkit's; None where nobody knows."""
        if self.wheel:
            return self.wheel.archs
        return ArchList(self.toolkit.sm) if self.toolkit else None


def needs(cell: Cell) -> Needs:
    """What this cell's image needs; nothing where it has no CUDA."""
    if not cell.cuda:
        return Needs(None, None, checked=False)
    toolkit = toolkits.release(cell.cuda)
    checked = cell.source is Source.UPSTREAM
    if toolkit is None:
        return Needs(None, None, checked=checked, unknown=f"CUDA {cell.cuda} is not in the tables")
    if not cell.torch:
        return Needs(toolkit, None, checked=checked)
    if not cell.uses_wheels:
        whose = "conda's packagers" if cell.env is Env.CONDA else "NVIDIA"
        return Needs(
            toolkit, None, checked=checked, unknown=f"nobody says for which GPUs {whose} built this torch"
        )
    wheel = wheels.fit(cell.torch, cell.cuda, cell.platform.architecture) if is_number(cell.cuda) else None
    if not isinstance(wheel, Wheel):
        return Needs(
            toolkit, None, checked=checked, unknown=f"torch {cell.torch} is not in the tables for it"
        )
    return Needs(toolkit, wheel, checked=checked)
