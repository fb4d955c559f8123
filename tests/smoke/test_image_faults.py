"""The probe in real containers: good images pass, and each planted fault fails the checks it should."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from python_on_whales import DockerClient

from builder.engine.containers import pull, run_probe
from builder.engine.leftovers import EXPIRES, remove_expired
from builder.engine.lend import lending
from builder.model.cell import Flavor, Level, Source
from builder.model.platform import Platform
from builder.model.probe import GpuAccess, GpuPath, Lender, Lent, Limits
from builder.model.receipt import Receipt, Status
from builder.model.reference import Reference
from builder.smoke.program import program
from builder.smoke.verdict import verdict

from .conftest import Spoiler
from .faults import DRIVERS, IMAGES
from .faults.fault import DriverFault, Fault, ImageFault
from .faults.images import HOOK, INSTALLED, TWIN
from .samples import NOW, POLICY, PROBE, promise

pytestmark = pytest.mark.engine

PROMISES: Mapping[str, Mapping[str, Any]] = {
    "base": {},
    "bare": {"python": ""},
    "devel": {"flavor": Flavor.DEVEL, "components": ("cccl", "crt", "cudart", "nvcc", "nvvm")},
    "torch": {"source": Source.CPU, "cuda": "", "torch": "2.13.0", "components": ()},
}
AMD64 = Platform("linux", "amd64")


def _id(fault: Fault) -> str:
    return fault.id


def judge(
    docker: DockerClient,
    image: Reference,
    on: str,
    changes: Mapping[str, Any],
    *,
    platform: Platform = AMD64,
    level: Level = Level.CPU,
    limits: Limits | None = None,
    gpu: GpuAccess | None = None,
    lent: Lent | None = None,
) -> Receipt:
    text = json.dumps(json.loads(promise(level, **PROMISES[on])) | changes, sort_keys=True)
    pull(docker, image, platform)
    run = run_probe(
        docker, image, platform, program=program(), expectation=text, limits=limits, gpu=gpu, lent=lent
    )
    assert image.digest
    return verdict(
        run, promise=text, subject=image.digest, probe=PROBE, policy=POLICY, allowed={}, host={}, when=NOW
    )


@pytest.fixture(scope="module")
def lent(docker: DockerClient, good: Mapping[str, Reference]) -> Iterator[Lent]:
    with lending(docker) as lend:
        yield lend(Lender(good["lender"], "3.11"), AMD64)


def test_an_image_that_another_test_has_removed_is_fetched_again(
    docker: DockerClient, good: Mapping[str, Reference]
) -> None:
    image = good["base"]
    pull(docker, image, AMD64)
    docker.image.remove(str(image), force=True)
    run = run_probe(docker, image, AMD64, program=b"print('here')", expectation="")
    assert (run.exit, run.stdout.split()) == (0, [b"here"])


@pytest.mark.parametrize("on", PROMISES)
def test_good_images_pass(docker: DockerClient, good: Mapping[str, Reference], lent: Lent, on: str) -> None:
    receipt = judge(docker, good[on], on, {}, lent=lent if on == "bare" else None)
    assert {check.id: check.detail for check in receipt.checks if check.status is not Status.PASSED} == {}
    assert receipt.passed
    assert receipt.level is Level.CPU


def test_a_package_passes_whose_twin_of_another_cuda_is_kept_out(
    docker: DockerClient, good: Mapping[str, Reference], spoil: Spoiler
) -> None:
    kept_out = "RUN echo 'nvidia-nccl-cu12<0' >> /opt/venv/constraints.txt"
    receipt = judge(docker, spoil(good["base"], "twins", TWIN, kept_out), "base", {})
    assert {check.id: check.detail for check in receipt.checks if check.status is not Status.PASSED} == {}


def test_nvidias_packages_pass_that_are_held(
    docker: DockerClient, good: Mapping[str, Reference], spoil: Spoiler
) -> None:
    hold = "RUN echo cuda-cudart-13-0 hold | dpkg --set-selections"
    receipt = judge(docker, spoil(good["base"], "held", INSTALLED, hold), "base", {"source": "upstream"})
    assert {check.id: check.detail for check in receipt.checks if check.status is not Status.PASSED} == {}


@pytest.mark.parametrize("fault", IMAGES, ids=_id)
def test_a_planted_fault_fails_its_checks(
    docker: DockerClient, good: Mapping[str, Reference], spoil: Spoiler, lent: Lent, fault: ImageFault
) -> None:
    image = spoil(good[fault.on], fault.id, *fault.lines, platform=fault.platform)
    platform = Platform.parse(fault.platform)
    receipt = judge(
        docker,
        image,
        fault.on,
        fault.changes,
        platform=platform,
        limits=fault.limits,
        lent=lent if {**PROMISES[fault.on], **fault.changes}.get("python") == "" else None,
    )
    failed = {check.id: check.detail for check in receipt.checks if check.status is not Status.PASSED}
    assert not receipt.passed
    assert set(fault.refused_by) <= set(failed) if fault.at_least else set(fault.refused_by) == set(failed), (
        failed
    )


_SHOUT = "os; [os.write(n % 2 + 1, (bytes([n % 256]) * 99 + bytes([10])) * 100) for n in range(1100)]"
_FRAME = "os, json; os.write(1, bytes([30]) + json.dumps(dict(end=0)).encode() + bytes([10]))"
NOISES = {
    "entrypoint": 'ENTRYPOINT ["/bin/sh", "-c", "echo I am the entrypoint; exit 3"]',
    "ten-megabytes": HOOK.format(_SHOUT),
    "other-frames": HOOK.format(_FRAME),
}


@pytest.mark.parametrize("noise", NOISES)
def test_what_an_image_prints_of_its_own_changes_nothing(
    docker: DockerClient, good: Mapping[str, Reference], spoil: Spoiler, noise: str
) -> None:
    assert judge(docker, spoil(good["base"], noise, NOISES[noise]), "base", {}).passed


@pytest.mark.parametrize("fault", DRIVERS, ids=_id)
def test_a_fault_of_the_driver_fails_its_checks(
    docker: DockerClient,
    good: Mapping[str, Reference],
    spoil: Spoiler,
    fake_driver: Path,
    fake_gpu: Callable[[str, str, bool], str],
    fault: DriverFault,
) -> None:
    image = good["base"]
    if not fault.mounted:
        (spoil.folder / "libcuda.so.1").write_bytes(fake_driver.read_bytes())
        image = spoil(image, fault.id, "COPY --chmod=755 libcuda.so.1 /usr/lib/x86_64-linux-gnu/")
    access = GpuAccess(GpuPath.CDI, fake_gpu(fault.id, fault.settings, fault.mounted))
    receipt = judge(docker, image, "base", fault.changes, level=Level.GPU, gpu=access)
    assert not receipt.passed
    assert {name for name in receipt.ids(Status.FAILED) if name.startswith("driver.")} == set(
        fault.refused_by
    )


@pytest.mark.parametrize("on", ["base", "bare"])
def test_a_driver_without_a_fault_passes_the_drivers_checks(
    docker: DockerClient,
    good: Mapping[str, Reference],
    fake_gpu: Callable[[str, str, bool], str],
    lent: Lent,
    on: str,
) -> None:
    access = GpuAccess(GpuPath.CDI, fake_gpu(f"sound-{on}", "", True))
    python = lent if on == "bare" else None
    receipt = judge(docker, good[on], on, {}, level=Level.GPU, gpu=access, lent=python)
    failed = receipt.ids(Status.FAILED)
    assert [name for name in failed if name.startswith("driver.")] == []
    assert receipt.host["gpu"] == "NVIDIA Fake 9000"


def test_a_gpu_that_was_not_lent_fails(docker: DockerClient, good: Mapping[str, Reference]) -> None:
    receipt = judge(docker, good["base"], "base", {}, level=Level.GPU)
    (detail,) = [check.detail for check in receipt.checks if check.id == "driver.devices"]
    assert "started without one" in detail


def test_a_lent_python_finds_libraries_as_the_images_own_programs_do(
    docker: DockerClient, good: Mapping[str, Reference], spoil: Spoiler, lent: Lent
) -> None:
    """Its own loader is told where its libraries are, which would hide the variable."""
    known = ("RUN rm /etc/ld.so.conf.d/*cuda* && ldconfig", "ENV LD_LIBRARY_PATH=/usr/local/cuda/lib")
    image = spoil(good["bare"], "found-by-variable", *known)
    assert judge(docker, image, "bare", {}, lent=lent).passed


def test_programs_that_a_lent_python_starts_see_the_image_as_it_is(
    docker: DockerClient, good: Mapping[str, Reference], lent: Lent
) -> None:
    script = "env | grep -c LD_ ; ls -l /proc/self/exe; grep -c /lent /proc/self/maps; cat /lent/lib/x; true"
    changes = {"command": ["sh", "-c", script], "seconds": 9}
    receipt = judge(docker, good["bare"], "bare", changes, lent=lent)
    (said,) = [check.detail for check in receipt.checks if check.id == "app.test"]
    lines = said.splitlines()
    assert lines[0] == "0"
    assert "/usr/bin/ls" in lines[1]
    assert lines[2] == "0"


def test_nothing_of_a_lent_python_is_left(docker: DockerClient, good: Mapping[str, Reference]) -> None:
    lender = Lender(good["lender"], "3.11")
    with lending(docker) as lend:
        first, second = (lend(lender, AMD64) for _ in range(2))
        assert first == second
        assert docker.volume.exists(first.volume)
    assert not docker.volume.exists(first.volume)
    assert not docker.image.exists(str(lender.image))


def test_a_volume_whose_runner_was_killed_is_removed_by_the_next(docker: DockerClient) -> None:
    old, young = (docker.volume.create(labels={EXPIRES: expires}) for expires in ("1000", "3000"))
    try:
        removed = remove_expired(docker, now=2000)
        assert old.name in removed
        assert young.name not in removed
        assert not docker.volume.exists(old.name)
        assert docker.volume.exists(young.name)
    finally:
        docker.volume.remove(young)


def test_no_container_is_left(docker: DockerClient, good: Mapping[str, Reference]) -> None:
    judge(docker, good["base"], "base", {}, limits=replace(Limits(), seconds=60))
    left = docker.container.list(all=True, filters=[("label", EXPIRES), ("ancestor", str(good["base"]))])
    assert left == []


def test_a_container_whose_runner_was_killed_is_removed_by_the_next(
    docker: DockerClient, good: Mapping[str, Reference]
) -> None:
    pull(docker, good["base"], AMD64)
    names = {
        docker.container.create(
            str(good["base"]), ["sleep", "600"], entrypoint="", labels={EXPIRES: expires}, networks=["none"]
        ).name: expires
        for expires in ("1000", "3000")
    }
    try:
        removed = remove_expired(docker, now=2000)
        assert {name for name, expires in names.items() if expires == "1000"} <= set(removed)
        assert {name for name, expires in names.items() if expires == "3000"}.isdisjoint(removed)
    finally:
        docker.container.remove([name for name in names if docker.container.exists(name)], force=True)
