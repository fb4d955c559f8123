"""What libcuda answers, and why."""

from collections.abc import Callable

from builder.doctor.image.ailment import Ailment, Layer, Signs, Smi
from builder.doctor.image.evidence import Circumstances, Evidence

_STUB, _NO_DEVICE, _NOT_READY, _MISMATCH, _COMPAT, _BUSY = 34, 100, 802, 803, 804, 46
# NVML_ERROR_LIB_RM_VERSION_MISMATCH
_NVML_MISMATCH = 18
_HIDING = "CUDA_VISIBLE_DEVICES"


def _answers(code: int) -> Callable[[Evidence, Circumstances], str]:
    def signs(seen: Evidence, _around: Circumstances) -> str:
        return f"cuInit of {seen.libcuda.path} answers {code}" if seen.libcuda.code == code else ""

    return signs


def _sees_none(seen: Evidence) -> bool:
    return seen.libcuda.code == _NO_DEVICE or (seen.libcuda.code == 0 and not seen.libcuda.gpus)


def _stub(seen: Evidence, _around: Circumstances) -> str:
    stub = seen.libcuda.code == _STUB or "/stubs/" in seen.libcuda.path
    return f"{seen.libcuda.path} is the stub that linkers use, and is found first" if stub else ""


def _own(seen: Evidence, _around: Circumstances) -> str:
    """A compatibility library is the image's own on purpose."""
    path = seen.libcuda.path
    if not path or seen.libcuda.mounted or "/compat/" in path:
        return ""
    return f"{path} is the image's own, and hides the host's"


def _compat(seen: Evidence, _around: Circumstances) -> str:
    broken = seen.libcuda.code not in (0, None) and "/compat/" in seen.libcuda.path
    if seen.libcuda.code != _COMPAT and not broken:
        return ""
    return f"{seen.libcuda.path} stands in for the host's libcuda, and cuInit answers {seen.libcuda.code}"


def _mismatch(seen: Evidence, _around: Circumstances) -> str:
    if seen.libcuda.code != _MISMATCH and seen.nvml.code != _NVML_MISMATCH:
        return ""
    return f"{seen.libcuda.path} is of another version than the kernel module {seen.module}".rstrip()


def _hidden(seen: Evidence, _around: Circumstances) -> str:
    value = seen.variables.get(_HIDING)
    return f"{_HIDING} is '{value}'" if value is not None and _sees_none(seen) else ""


def _no_slice(seen: Evidence, _around: Circumstances) -> str:
    if not seen.nvml.mig_gpus or seen.nvml.slices or not _sees_none(seen):
        return ""
    return f"{seen.nvml.mig_gpus} of {seen.nvml.gpus} GPUs are in MIG mode, and the container has no slice"


def _none(seen: Evidence, _around: Circumstances) -> str:
    return f"libcuda sees no GPU, with {', '.join(seen.devices)}" if _sees_none(seen) else ""


def _unloadable(seen: Evidence, _around: Circumstances) -> str:
    return f"libcuda cannot be loaded: {seen.libcuda.problem}" if seen.libcuda.code is None else ""


def _other(seen: Evidence, _around: Circumstances) -> str:
    return f"cuInit answers {seen.libcuda.code}" if seen.libcuda.code else ""


def _ailment(id: str, cause: str, smi: Smi, torch: str, fix: str, signs: Signs) -> Ailment:  # noqa: A002
    return Ailment(id, Layer.DRIVER, cause, smi, torch, fix, signs)


AILMENTS = (
    _ailment(
        "stub-libcuda",
        "the toolkit's stub of libcuda comes first on the linker's path",
        Smi.WORKS,
        "CUDA driver is a stub library (34)",
        "Take `…/stubs` out of LD_LIBRARY_PATH; give it to the linker with -L instead.",
        _stub,
    ),
    _ailment(
        "compat-unsupported",
        "a forward-compatibility library on a GPU that it does not support, as GeForce",
        Smi.WORKS,
        "forward compatibility was attempted on non supported HW (804)",
        "Take /usr/local/cuda/compat out of the linker's path, and update the driver instead.",
        _compat,
    ),
    _ailment(
        "own-libcuda",
        "the image brings a libcuda of its own, which hides the host's",
        Smi.WORKS,
        "system has unsupported display driver / cuda driver combination (803)",
        "Remove the driver's packages (libnvidia-compute-*, libcuda1) from the image.",
        _own,
    ),
    _ailment(
        "driver-mismatch",
        "libcuda and the kernel module are of different versions: updated and not rebooted",
        Smi.FAILS,
        "system has unsupported display driver / cuda driver combination (803)",
        "Reboot the host; with CDI then `sudo nvidia-ctk cdi generate --output=/etc/cdi/nvidia.yaml`.",
        _mismatch,
    ),
    _ailment(
        "hidden-by-variable",
        "CUDA_VISIBLE_DEVICES is empty, or names no GPU of this container",
        Smi.WORKS,
        "No CUDA GPUs are available",
        "Take `ENV CUDA_VISIBLE_DEVICES` out of the image, or start it with `-e CUDA_VISIBLE_DEVICES=0`.",
        _hidden,
    ),
    _ailment(
        "mig-no-slice",
        "the GPU is in MIG mode and the container has no slice of it",
        Smi.WORKS,
        "No CUDA GPUs are available",
        "`sudo nvidia-smi mig -cgi 0 -C` makes one; lend it with `--gpus '\"device=0:0\"'` or "
        "`--device nvidia.com/gpu=0:0`.",
        _no_slice,
    ),
    _ailment(
        "fabric-manager",
        "a machine with NVSwitches whose fabric manager does not run",
        Smi.WORKS,
        "system not yet initialized (802)",
        "`sudo systemctl enable --now nvidia-fabricmanager`, of the driver's own version.",
        _answers(_NOT_READY),
    ),
    _ailment(
        "gpu-busy",
        "all GPUs are in exclusive use or in an error state",
        Smi.WORKS,
        "all CUDA-capable devices are busy or unavailable (46)",
        "End what holds it (`nvidia-smi`), `sudo nvidia-smi -c 0`; after an Xid error `sudo nvidia-smi -r`.",
        _answers(_BUSY),
    ),
    _ailment(
        "no-gpu-seen",
        "libcuda finds no GPU behind the device files",
        Smi.EITHER,
        "No CUDA GPUs are available",
        "`nvidia-smi` and `sudo dmesg | grep -i nvrm` on the host: has the GPU fallen off the bus?",
        _none,
    ),
    _ailment(
        "libcuda-broken",
        "libcuda is there and cannot be loaded",
        Smi.EITHER,
        "libcuda.so.1: cannot open shared object file",
        "Run `ldconfig` in the image, or look at what the linker says.",
        _unloadable,
    ),
    _ailment(
        "driver-error",
        "libcuda answers with an error that has many causes",
        Smi.EITHER,
        "CUDA unknown error (999), initialization error (3)",
        "`sudo dmesg | grep -i nvrm` on the host; `sudo modprobe -r nvidia_uvm && sudo modprobe nvidia_uvm`.",
        _other,
    ),
)
