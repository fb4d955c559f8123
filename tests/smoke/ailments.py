"""Each way in which CUDA goes missing: images, driver libraries of our own, and device files play it."""

from dataclasses import dataclass

_LIBRARIES = "/usr/lib/x86_64-linux-gnu"
CUDA, NVML = f"{_LIBRARIES}/libcuda.so.1", f"{_LIBRARIES}/libnvidia-ml.so.1"
_NODES = ("/dev/nvidia0", "/dev/nvidiactl", "/dev/nvidia-uvm")
_TORCH = "$(dirname $(python3 -c 'import importlib.util as u; print(u.find_spec(\"torch\").origin)'))"
_CUDA_TORCH = f"RUN sed -i \"s/^cuda.*=.*/cuda = '13.0'/\" {_TORCH}/version.py"
_ANY = "$(readlink -f $(find /lib /usr/lib -name 'libz.so.1' | head -1))"
_CUDNNS = f"RUN for n in 1 2; do mkdir -p /opt/$n && cp {_ANY} /opt/$n/libcudnn.so.9; done"
_LOADS = 'import ctypes; found = [ctypes.CDLL(f"/opt/{n}/libcudnn.so.9") for n in (1, 2)]'


def _own(folder: str) -> tuple[str, ...]:
    """A libcuda of the image's own, found first."""
    return (f"COPY --chmod=755 libcuda.so.1 {folder}/", f"ENV LD_LIBRARY_PATH={folder}")


@dataclass(frozen=True, slots=True)
class Case:
    """What the container is made of and given, and the ailment that must be named.

    `nodes` are the device files, `access` what the cgroup grants of them and `mode` the files themselves;
    `mounts` are the driver's libraries. `lent` says whether the container gets anything of that, `driver` and
    `path` what the machine around it has. `cuda` and `nvml` are how the libraries answer, see fake/.
    """

    ailment: str
    name: str = ""
    on: str = "base"
    lines: tuple[str, ...] = ()
    lent: bool = True
    nodes: tuple[str, ...] = _NODES
    access: str = "rw"
    mode: int = 0o666
    mounts: tuple[str, ...] = (CUDA, NVML)
    cuda: str = ""
    nvml: str = ""
    driver: str = "580.95.05"
    path: str = "cdi 0.6.0"

    @property
    def id(self) -> str:
        return f"{self.ailment}{f'-{self.name}' if self.name else ''}"


CASES = (
    Case("no-device", lent=False),
    Case("toolkit-missing", lent=False, path=""),
    Case("toolkit-missing", "devices-by-hand", mounts=()),
    Case("no-driver", lent=False, driver="", path=""),
    Case("no-gpu-asked", lines=("ENV NVIDIA_VISIBLE_DEVICES=void",), lent=False, path="toolkit 1.18.0"),
    Case("wsl-no-library", nodes=("/dev/dxg",), mounts=()),
    Case("no-compute", mounts=(NVML,)),
    Case("device-lost", access="m", nvml="init=999"),
    Case("device-denied", mode=0o600, nvml="init=999"),
    Case("uvm-missing", nodes=_NODES[:2], cuda="init=999"),
    Case("stub-libcuda", lines=_own("/opt/stubs"), cuda="init=34"),
    Case("compat-unsupported", lines=_own("/usr/local/cuda/compat"), cuda="init=804"),
    Case("own-libcuda", lines=_own("/opt/first"), cuda="init=803"),
    Case("driver-mismatch", cuda="init=803", nvml="init=18"),
    Case("hidden-by-variable", lines=("ENV CUDA_VISIBLE_DEVICES=",), cuda="init=100"),
    Case("mig-no-slice", cuda="init=100", nvml="mig=1"),
    Case("fabric-manager", cuda="init=802"),
    Case("gpu-busy", cuda="init=46"),
    Case("no-gpu-seen", cuda="init=100"),
    Case("no-gpu-seen", "counts-none", cuda="count=0"),
    Case("driver-error", cuda="init=999"),
    Case("driver-error", "initialization", cuda="init=3"),
    Case(
        "libcuda-broken",
        lines=(f"RUN printf broken > {CUDA}",),
        mounts=(NVML,),
    ),
    Case("driver-too-old", cuda="cuda=12080"),
    Case("toolkit-not-found", lines=("RUN rm -f /etc/ld.so.conf.d/*cuda* && ldconfig",)),
    Case("torch-broken", on="torch", lines=(f"RUN echo 'import os; os.abort()' >> {_TORCH}/__init__.py",)),
    Case("torch-cpu-only", on="torch"),
    Case("torch-newer-than-driver", on="torch", lines=(_CUDA_TORCH,), cuda="cuda=12080"),
    Case(
        "two-cudnns",
        on="torch",
        lines=(_CUDA_TORCH, _CUDNNS, f"RUN echo '{_LOADS}' >> {_TORCH}/__init__.py"),
    ),
    Case(
        "no-code-for-gpu",
        on="torch",
        lines=(_CUDA_TORCH, f"RUN echo 'get_arch_list = lambda: [\"sm_50\"]' >> {_TORCH}/cuda/__init__.py"),
    ),
    Case("torch-error", on="torch", lines=(_CUDA_TORCH,)),
    Case("no-python", lines=("RUN rm -f $(which -a python3) /usr/bin/python3*",)),
)
