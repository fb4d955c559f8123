"""The driver layer: what the host lends to the container, and whether the GPU computes at all."""

from __future__ import annotations

import os
import random

from builder.smoke.probes import inventory
from builder.smoke.probes.check import Check, Failed, check, with_cuda, with_gpu
from builder.smoke.probes.driver import Driver, devices, version
from builder.smoke.probes.libraries import loaded
from builder.smoke.probes.promise import Facts, Promise

_RANDOM = random.SystemRandom()
_ENOUGH = 1 << 30
_NO_GPU = ("", "void", "none")


@check(
    "driver.environment",
    "the image's own environment hides no GPU and puts no stub in the way",
    lane="files",
    limit=5,
    wanted=with_cuda,
)
def environment(promise: Promise, _facts: Facts) -> str:
    """Our container is started with none of these set; CDI sets NVIDIA_VISIBLE_DEVICES with the GPU."""
    hiding = {"CUDA_VISIBLE_DEVICES": os.environ.get("CUDA_VISIBLE_DEVICES") is not None}
    hiding["NVIDIA_VISIBLE_DEVICES"] = not promise.gpu and os.environ.get("NVIDIA_VISIBLE_DEVICES") in _NO_GPU
    for name in ("LD_LIBRARY_PATH", "LD_PRELOAD"):
        hiding[name] = "stubs" in os.environ.get(name, "")
    if wrong := [f"{name}={os.environ[name]}" for name, hides in hiding.items() if hides]:
        raise Failed(f"the image sets {', '.join(wrong)}")
    return "nothing in the way"


@check(
    "driver.devices", "the container has the GPUs that it was given", lane="driver", limit=20, wanted=with_gpu
)
def gpus(promise: Promise, facts: Facts) -> str:
    """Device files first, then what libcuda counts."""
    files = devices()
    if not files:
        raise Failed("no GPU device in /dev: the container was started without one")
    driver = Driver()
    count = driver.count()
    if count != promise.gpus:
        raise Failed(f"{count} GPUs instead of {promise.gpus}, with {' '.join(files)}")
    seen = [(driver.name(index), driver.capability(index)) for index in range(count)]
    facts["gpu"] = ", ".join(dict.fromkeys(name for name, _ in seen))
    facts["capability"] = ", ".join(dict.fromkeys(capability for _, capability in seen))
    return "; ".join(f"{name} ({capability})" for name, capability in seen)


@check(
    "driver.origin",
    "libcuda is the host's: mounted, no stub, not the image's own",
    lane="driver",
    limit=20,
    wanted=with_gpu,
)
def origin(_promise: Promise, _facts: Facts) -> str:
    """Asks the process which file it is, and the mount table where that comes from."""
    Driver()
    paths = loaded("cuda")
    wrong = [path for path in paths if not inventory.from_outside(path)]
    if wrong or not paths:
        raise Failed(f"libcuda is {', '.join(paths) or 'nowhere'}, which is not mounted from the host")
    return ", ".join(paths)


@check(
    "driver.version",
    "the driver is new enough for the toolkit",
    lane="driver",
    limit=20,
    wanted=with_gpu,
)
def floor(promise: Promise, facts: Facts) -> str:
    """By NVIDIA's minor version compatibility: the floor of the toolkit's major release."""
    driver = Driver()
    facts["driver"], facts["driver-cuda"] = version() or "unknown", driver.cuda()
    if _numbers(driver.cuda())[0] < _numbers(promise.cuda)[0]:
        raise Failed(f"the driver is for CUDA {driver.cuda()}, the image has {promise.cuda}")
    if (
        promise.driver
        and facts["driver"] != "unknown"
        and _numbers(facts["driver"]) < _numbers(promise.driver)
    ):
        raise Failed(f"driver {facts['driver']}, and CUDA {promise.cuda} needs {promise.driver}")
    return f"{facts['driver']} for CUDA {facts['driver-cuda']}, at least {promise.driver or 'any'}"


@check("driver.memory", "nobody else fills the GPUs", lane="driver", limit=30, wanted=with_gpu)
def memory(promise: Promise, facts: Facts) -> str:
    """A full GPU fails later, with worse words."""
    driver = Driver()
    seen = [driver.memory(index) for index in range(promise.gpus)]
    facts["memory"] = ", ".join(str(total) for _, total in seen)
    if any(free < _ENOUGH for free, _ in seen):
        raise Failed(f"bytes free of all: {seen}; another process holds the GPU")
    return "; ".join(f"{free >> 20} of {total >> 20} MiB free" for free, total in seen)


@check(
    "driver.kernel",
    "a kernel in PTX is compiled by the driver, runs on each GPU, and computes what it should",
    lane="driver",
    limit=60,
    wanted=with_gpu,
)
def kernel(promise: Promise, _facts: Facts) -> str:
    """Needs nothing of the toolkit, and no torch."""
    driver = Driver()
    values = [_RANDOM.randrange(1 << 20) for _ in range(10_000)]
    factor = _RANDOM.randrange(1, 1 << 10)
    wanted = [value * factor + index for index, value in enumerate(values)]
    for index in range(promise.gpus):
        if driver.launch(index, factor, values) != wanted:
            raise Failed(f"GPU {index} computed something else")
    return f"{len(values)} values on {promise.gpus} GPUs"


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


CHECKS: tuple[Check, ...] = (environment, gpus, origin, floor, memory, kernel)
