"""From what was seen to the layer that broke."""

from collections.abc import Iterator
from dataclasses import dataclass

from builder.doctor.image.ailment import Ailment, Layer
from builder.doctor.image.ailments import AILMENTS
from builder.doctor.image.evidence import Circumstances, Evidence


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What every layer looks like, and the ailment of the lowest that broke, with what shows it."""

    layers: tuple[tuple[Layer, str], ...]
    smi: str
    ailment: Ailment | None = None
    signs: str = ""


def diagnose(seen: Evidence, around: Circumstances) -> Diagnosis:
    """Name the lowest layer that broke; none when CUDA is available."""
    layers = () if seen.unseen else tuple(_layers(seen, around))
    for ailment in AILMENTS:
        if signs := ailment.signs(seen, around):
            return Diagnosis(layers, _smi(seen), ailment, signs)
    return Diagnosis(layers, _smi(seen))


def _layers(seen: Evidence, around: Circumstances) -> Iterator[tuple[Layer, str]]:
    way = f", through {around.path}" if around.path and seen.devices else ""
    yield Layer.CONTAINER, f"{', '.join(seen.devices) or 'no GPU in /dev'}{way}"
    libcuda = seen.libcuda
    said = f"{libcuda.path or 'no libcuda'}, cuInit answers {libcuda.code}"
    knows = f", for CUDA {libcuda.cuda}" if libcuda.cuda else ""
    yield Layer.DRIVER, libcuda.problem or f"{said}{knows}: {', '.join(libcuda.gpus) or 'no GPU'}"
    yield Layer.TOOLKIT, f"CUDA {seen.cudart.cuda}, {seen.cudart.path}" if seen.cudart.cuda else "none"
    torch = seen.torch
    if torch is None:
        yield Layer.TORCH, "none"
    else:
        built = f"for CUDA {torch.cuda}" if torch.cuda else "without CUDA"
        yield Layer.TORCH, torch.died or f"{torch.version} {built}, is_available() is {torch.available}"


def _smi(seen: Evidence) -> str:
    """What nvidia-smi does in this container, as a sentence."""
    if seen.nvml.works:
        return (
            f"nvidia-smi works: NVML sees {seen.nvml.gpus} of the machine's GPUs, which says nothing of CUDA"
        )
    if seen.nvml.code is None:
        return "nvidia-smi does not work either: the driver's libraries are not in the container"
    return f"nvidia-smi does not work either: nvmlInit answers {seen.nvml.code}"
