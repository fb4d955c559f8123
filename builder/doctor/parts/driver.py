"""NVIDIA's driver on the machine itself."""

from collections.abc import Iterator
from datetime import date, timedelta

from builder.doctor.observation import Job, Observation, Part, of
from builder.doctor.survey import Driver, Needs, Survey
from builder.facts import drivers, gpus
from builder.facts.remedies import Distribution, remedy
from builder.facts.version import is_number

_SOON = timedelta(days=90)
_REBOOT = "sudo reboot"
_NODES = "sudo nvidia-modprobe -c 0 -u"
# Without these CUDA does not start; nvidia-smi is content with the first.
_WANTED = ("nvidiactl", "nvidia-uvm")


def check_driver(survey: Survey, needs: Needs, distribution: Distribution) -> Iterator[Observation]:
    """From the hardware to the device files."""
    if survey.wsl:
        return
    say = of(Part.DRIVER, [Job.SMOKE] if needs.gpu else [])
    driver = survey.driver
    if not driver.hardware and not driver.module and not driver.nodes:
        yield say.broken(
            "this machine has no NVIDIA GPU",
            "Run `smoke` where there is one, or declare `require: {linux/amd64: cpu}` in the matrix.",
        )
        return
    if not driver.module:
        yield say.broken(*_not_loaded(driver, distribution))
        return
    yield say.ok(_loaded(driver))
    yield from _branch(driver, survey.on, distribution)
    yield from _module(driver, distribution)
    if driver.library and driver.library != driver.module:
        what = f"libcuda is {driver.library} and the loaded kernel module is {driver.module}: CUDA error 803"
        yield say.broken(f"{what}; the driver was updated and the old module is still loaded", _REBOOT)
    if missing := [name for name in _WANTED if name not in driver.nodes]:
        yield say.broken(f"/dev/{' and /dev/'.join(missing)} {_be(missing)} missing: CUDA error 999", _NODES)
    if driver.switches and not driver.fabric_manager:
        what = "the machine has NVSwitches and the fabric manager does not run: CUDA error 802"
        yield say.broken(what, remedy("fabric-manager", distribution) or "Start nv-fabricmanager.")


def _not_loaded(driver: Driver, distribution: Distribution) -> tuple[str, str]:
    count = len(driver.hardware) or 1
    there = f"{count} NVIDIA {'GPU is' if count == 1 else 'GPUs are'} there and no driver is loaded"
    if driver.nouveau:
        return f"{there}: the kernel uses nouveau", remedy("no-nouveau", distribution) or "Disable nouveau."
    if driver.installed and driver.secure_boot:
        what = f"{there}: {driver.installed} is installed and Secure Boot may not trust its signature"
        return what, "sudo mokutil --import /var/lib/dkms/mok.pub && sudo reboot"
    if driver.installed:
        return f"{there}: {driver.installed} is installed", "sudo modprobe nvidia"
    return there, _install(driver, distribution)


def _install(driver: Driver, distribution: Distribution) -> str:
    """The open module is NVIDIA's own choice; GPUs that it does not know get the other."""
    wanted = {known.module for name in driver.gpus if (known := gpus.find(name))}
    action = "driver-proprietary" if "proprietary" in wanted else "driver-open"
    return remedy(action, distribution) or "Install NVIDIA's driver as its installation guide says."


def _loaded(driver: Driver) -> str:
    kind = {True: ", open kernel module", False: ", proprietary kernel module", None: ""}[driver.open]
    names = ", ".join(f"{driver.gpus.count(name)} x {name}" for name in dict.fromkeys(driver.gpus))
    return f"driver {driver.module}{kind}: {names or 'no GPU that it knows'}"


def _branch(driver: Driver, on: date, distribution: Distribution) -> Iterator[Observation]:
    say = of(Part.DRIVER, [Job.SMOKE])
    if not is_number(driver.module):
        return
    number = drivers.branch_of(driver.module)
    known = drivers.branch(number)
    newest = max(branch.branch for branch in drivers.branches())
    update = remedy("driver-open", distribution)
    if known is None:
        why = "newer than the tables" if number > newest else "not one that NVIDIA supports"
        yield say.note(f"driver branch {number} is {why}", "" if number > newest else update)
    elif known.eol and known.eol < on:
        yield say.note(f"driver branch {number} has had no updates since {known.eol}", update)
    elif known.eol and known.eol - _SOON < on:
        yield say.note(f"driver branch {number} gets its last updates on {known.eol}", update)
    for name in dict.fromkeys(driver.gpus):
        gpu = gpus.find(name)
        if gpu and gpu.last_branch and number > gpu.last_branch:
            what = f"driver branch {number} has dropped {name}; {gpu.last_branch} is its last"
            yield say.broken(what, f"Install a driver of branch {gpu.last_branch}.")


def _module(driver: Driver, distribution: Distribution) -> Iterator[Observation]:
    say = of(Part.DRIVER, [Job.SMOKE])
    loaded = {True: "open", False: "proprietary", None: None}[driver.open]
    for name in dict.fromkeys(driver.gpus):
        gpu = gpus.find(name)
        if loaded and gpu and gpu.module and gpu.module != loaded:
            fix = remedy(f"driver-{gpu.module}", distribution)
            what = f"{name} works with the {gpu.module} kernel module only, and the {loaded} one is loaded"
            yield say.broken(what, fix or f"Install the {gpu.module} kernel module.")


def _be(names: list[str]) -> str:
    return "is" if len(names) == 1 else "are"
