"""Faults between the driver and the container, played by a driver library of our own."""

from .fault import DriverFault

_NONE = ("driver.devices", "driver.origin", "driver.version", "driver.memory", "driver.kernel")


def _answers(code: int, planted: str) -> DriverFault:
    return DriverFault(f"cuinit-{code}", f"cuInit answers {code}: {planted}", _NONE, settings=f"init={code}")


DRIVERS = (
    _answers(3, "devices lost, as after a reload of systemd"),
    _answers(34, "the stub for linkers is the first libcuda"),
    _answers(46, "GPU in exclusive use or in an error state"),
    _answers(100, "no GPU passed"),
    _answers(802, "fabric manager not running"),
    _answers(803, "libcuda and kernel module of different versions"),
    _answers(804, "forward compatibility on a GPU without it"),
    _answers(999, "/dev/nvidia-uvm missing"),
    DriverFault(
        "fewer-gpus",
        "one GPU where two were given",
        ("driver.devices", "driver.memory", "driver.kernel"),
        changes={"gpus": 2},
    ),
    DriverFault("more-gpus", "two GPUs where one was given", ("driver.devices",), settings="count=2"),
    DriverFault(
        "old-driver", "a driver for CUDA 12.8 under CUDA 13", ("driver.version",), settings="cuda=12080"
    ),
    DriverFault("full-gpu", "a GPU with 1 MB free", ("driver.memory",), settings="free=1000000"),
    DriverFault("wrong-results", "a GPU that adds one to everything", ("driver.kernel",), settings="add=1"),
    DriverFault("no-ptx", "a driver that does not compile PTX", ("driver.kernel",), settings="module=222"),
    DriverFault(
        "sticky-error",
        "a kernel that ends in an illegal access",
        ("driver.kernel",),
        settings="synchronize=700",
    ),
    DriverFault("own-libcuda", "a libcuda that is the image's own", ("driver.origin",), mounted=False),
)
