"""What a release index says besides the labels of its images: what they need, and when they end."""

from collections.abc import Mapping, Sequence
from datetime import date

from builder.bake.labels import OURS
from builder.facts.forecast import forecast
from builder.facts.systems import system
from builder.facts.version import parts
from builder.matrix.machines.needs import needs
from builder.model.cell import Cell

MIN_DRIVER = f"{OURS}min-driver"
GPUS = f"{OURS}gpus"
EOL = f"{OURS}eol"


def notes(cells: Sequence[Cell]) -> Mapping[str, str]:
    """The oldest driver, the compute capabilities, and the end of life, as far as they are known."""
    wants = [(cell, needs(cell)) for cell in cells]
    driver = max(filter(None, (want.min_driver for _, want in wants)), key=parts, default="")
    archs = {str(cell.platform): str(want.archs) for cell, want in wants if want.archs}
    same = len(set(archs.values())) == 1
    gpus = next(iter(archs.values())) if same else " ".join(f"{name}={archs[name]}" for name in archs)
    ends = [end for cell in cells if (end := end_of_life(cell.cuda, cell.os))]
    told = {MIN_DRIVER: driver, GPUS: gpus, EOL: min(ends).isoformat() if ends else ""}
    return {name: value for name, value in told.items() if value}


def end_of_life(cuda: str, os: str) -> date | None:
    """The day on which NVIDIA stops patching the images of this CUDA, or the system's free support ends.

    None where neither day is known; `cuda` is empty for images without.
    """
    toolkit, known = forecast(cuda) if cuda else None, system(os)
    ends = (toolkit.eol if toolkit else None, known.eol if known else None)
    return min(filter(None, ends), default=None)
