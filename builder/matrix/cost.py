"""What a cell's build costs beside that of other cells: enough to share work out by it."""

from builder.model.cell import Cell, Flavor, Source

# Compressed megabytes that a build installs and pushes, in round figures: the system with Python, what a
# flavor has of CUDA where that comes as wheels, and torch with and without CUDA.
_SYSTEM = 60
_CUDA = {
    Flavor.BASE: 1,
    Flavor.RUNTIME: 1_300,
    Flavor.CUDNN_RUNTIME: 2_000,
    Flavor.DEVEL: 1_500,
    Flavor.CUDNN_DEVEL: 2_200,
}
_TORCH = {True: 650, False: 180}


def cost(cell: Cell) -> int:
    """Megabytes, roughly; the same for the same cell at any time and on any machine."""
    if cell.app:
        return _SYSTEM
    cuda = _CUDA[cell.flavor] if cell.source is Source.WHEELS else 0
    torch = _TORCH[bool(cell.cuda)] if cell.torch and cell.source is not Source.NGC_PYTORCH else 0
    return _SYSTEM + cuda + torch
