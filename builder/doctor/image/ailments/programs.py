"""What the image itself brings: the toolkit and torch."""

from builder.doctor.image.ailment import Ailment, Layer, Smi
from builder.doctor.image.evidence import Circumstances, Evidence
from builder.facts.archs import ArchList, capability

# Where pip puts libraries: a runtime there is torch's own, not the image's toolkit.
_WHEELS = "/nvidia/"
_INSUFFICIENT = 35


def _old_driver(seen: Evidence, _around: Circumstances) -> str:
    if seen.torch and _newer(seen.torch.cuda, seen.libcuda.cuda) and _WHEELS in seen.cudart.path:
        return ""
    if seen.cudart.code != _INSUFFICIENT and not _newer(seen.cudart.cuda, seen.libcuda.cuda):
        return ""
    return f"the image has CUDA {seen.cudart.cuda}, and the driver is for CUDA {seen.libcuda.cuda}"


def _unfound(seen: Evidence, _around: Circumstances) -> str:
    """torch finds the runtime in its own wheels without the linker's help."""
    return seen.cudart.problem if seen.torch is None else ""


def _dies(seen: Evidence, _around: Circumstances) -> str:
    if seen.torch is None or not seen.torch.died or _two(seen):
        return ""
    return f"`import torch` fails: {seen.torch.died}"


def _cpu_only(seen: Evidence, _around: Circumstances) -> str:
    if seen.torch is None or seen.torch.cuda or seen.torch.died:
        return ""
    return f"torch {seen.torch.version} is built without CUDA"


def _newer_wheel(seen: Evidence, _around: Circumstances) -> str:
    if seen.torch is None or not _newer(seen.torch.cuda, seen.libcuda.cuda):
        return ""
    return f"torch is built for CUDA {seen.torch.cuda}, and the driver is for CUDA {seen.libcuda.cuda}"


def _no_code(seen: Evidence, _around: Circumstances) -> str:
    if seen.torch is None or not seen.torch.archs:
        return ""
    compiled = _archs(seen.torch.archs)
    uncovered = [gpu for gpu in seen.libcuda.gpus if not compiled.covers(gpu.partition(" ")[0]).runs]
    if not uncovered:
        return ""
    cc, _, name = uncovered[0].partition(" ")
    return f"torch has code for {' '.join(seen.torch.archs)}, and {name} is of compute capability {cc}"


def _two(seen: Evidence) -> bool:
    words = f"{seen.torch.problem} {seen.torch.died}" if seen.torch else ""
    return len(seen.cudnn_loaded) > 1 or (len(seen.cudnn) > 1 and "cudnn" in words.casefold())


def _two_cudnns(seen: Evidence, _around: Circumstances) -> str:
    return f"cuDNN is there twice: {', '.join(seen.cudnn_loaded or seen.cudnn)}" if _two(seen) else ""


def _torch_says(seen: Evidence, _around: Circumstances) -> str:
    if seen.torch is None or seen.torch.works:
        return ""
    return f"torch says: {seen.torch.problem or 'nothing, and computes the wrong result'}"


def _newer(one: str, other: str) -> bool:
    """Whether the major is newer: within one, the driver's minor version compatibility holds."""
    return bool(one and other) and int(one.partition(".")[0]) > int(other.partition(".")[0])


def _archs(names: tuple[str, ...]) -> ArchList:
    pairs = [(name.partition("_")[0], capability(f"sm_{name.partition('_')[2]}")) for name in names]
    return ArchList(
        tuple(cc for kind, cc in pairs if cc and kind == "sm"),
        tuple(cc for kind, cc in pairs if cc and kind == "compute"),
    )


AILMENTS = (
    Ailment(
        "driver-too-old",
        Layer.TOOLKIT,
        "the driver is older than the image's CUDA",
        Smi.WORKS,
        "CUDA driver version is insufficient for CUDA runtime version (35)",
        "Update the driver, or take an image of an older CUDA; `python -m builder which` names them.",
        _old_driver,
    ),
    Ailment(
        "toolkit-not-found",
        Layer.TOOLKIT,
        "the linker does not find the image's CUDA runtime",
        Smi.WORKS,
        "libcudart.so: cannot open shared object file",
        "Name its folder in /etc/ld.so.conf.d and run `ldconfig`, in the image.",
        _unfound,
    ),
    Ailment(
        "torch-broken",
        Layer.TORCH,
        "torch cannot be imported",
        Smi.WORKS,
        "an ImportError, or a signal",
        "Install torch again with all that it asks for; `python -m builder smoke` says what is missing.",
        _dies,
    ),
    Ailment(
        "torch-cpu-only",
        Layer.TORCH,
        "torch is a build without CUDA",
        Smi.WORKS,
        "Torch not compiled with CUDA enabled",
        "Install it from an index with CUDA: `pip install torch --index-url "
        "https://download.pytorch.org/whl/cu130`.",
        _cpu_only,
    ),
    Ailment(
        "torch-newer-than-driver",
        Layer.TORCH,
        "torch's wheel is for a newer CUDA than the driver",
        Smi.WORKS,
        "The NVIDIA driver on your system is too old",
        "Update the driver, or install torch for the driver's CUDA: `…/whl/cu128` for CUDA 12.",
        _newer_wheel,
    ),
    Ailment(
        "two-cudnns",
        Layer.TORCH,
        "two cuDNNs, of which torch gets the wrong one",
        Smi.WORKS,
        "cuDNN version incompatibility, or CUDNN_STATUS_NOT_INITIALIZED",
        "Keep one: remove the other package, and its folder from LD_LIBRARY_PATH.",
        _two_cudnns,
    ),
    Ailment(
        "no-code-for-gpu",
        Layer.TORCH,
        "torch has no code for this GPU",
        Smi.WORKS,
        "no kernel image is available for execution on the device (209)",
        "`python -m builder which` names the images that have it.",
        _no_code,
    ),
    Ailment(
        "torch-error",
        Layer.TORCH,
        "torch fails for a reason of its own",
        Smi.WORKS,
        "its own words",
        "See what torch says.",
        _torch_says,
    ),
)
