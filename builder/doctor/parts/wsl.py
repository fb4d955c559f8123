"""Windows' Linux, which gets GPU and driver from Windows."""

from collections.abc import Iterator

from builder.doctor.observation import Job, Observation, Part, of
from builder.doctor.survey import Needs, Survey, Wsl

# The first of Microsoft's kernels that CUDA's documentation recommends.
_OLDEST_KERNEL = (5, 10, 43)


def check_wsl(survey: Survey, needs: Needs) -> Iterator[Observation]:
    """Nothing where this is no WSL."""
    if survey.wsl is None:
        return
    say = of(Part.WSL2, [Job.SMOKE] if needs.gpu else [])
    wsl = survey.wsl
    if not wsl.device:
        fix = "In PowerShell: wsl --update; wsl --set-version DISTRIBUTION 2; wsl --shutdown"
        yield say.broken("there is no /dev/dxg: this is WSL1, or a kernel without GPU support", fix)
        return
    if _kernel(wsl) < _OLDEST_KERNEL:
        yield say.note(f"the kernel {wsl.kernel} is old", "In PowerShell: wsl --update; wsl --shutdown")
    if not wsl.library:
        what = "/dev/dxg is there and /usr/lib/wsl/lib/libcuda.so.1 is not: Windows has no driver with CUDA"
        fix = "Install NVIDIA's driver in Windows, then in PowerShell: wsl --shutdown"
        yield say.broken(what, fix)
    else:
        yield say.ok(f"GPU and driver come from Windows (kernel {wsl.kernel})")
    if wsl.own_driver:
        what = "a Linux driver is installed inside WSL, and its libcuda hides the one of Windows"
        yield say.broken(what, "sudo apt-get purge '^nvidia-.*' '^libnvidia-.*' && sudo ldconfig")


def _kernel(wsl: Wsl) -> tuple[int, ...]:
    numbers = wsl.kernel.partition("-")[0].split(".")
    return tuple(int(number) for number in numbers if number.isdigit())
