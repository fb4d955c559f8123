"""doctor IMAGE: each way in which CUDA goes missing is named, in a real container."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from python_on_whales import DockerClient

from builder.doctor.image.ailment import Layer
from builder.doctor.image.ailments import AILMENTS
from builder.doctor.image.diagnosis import Diagnosis, diagnose
from builder.doctor.image.evidence import Circumstances
from builder.engine.examine import examine_container, examine_image
from builder.model.errors import BuilderError, ExitCode
from builder.model.platform import Platform
from builder.model.probe import GpuAccess, GpuPath
from builder.model.reference import Reference
from builder.pipeline.examine import seen
from builder.report import diagnosis as report
from builder.smoke.program import examination

from .ailments import CASES, CUDA, NVML, Case
from .conftest import Spoiler

pytestmark = pytest.mark.engine

AMD64 = Platform("linux", "amd64")
# Played by what the engine itself says, below.
BY_THE_ENGINE = {"toolkit-missing", "stale-cdi", "require-cuda", "not-started"}
Lend = Callable[[Case], GpuAccess]


@pytest.fixture(scope="module")
def lend(fake_driver: Path, fake_nvml: Path) -> Iterator[Lend]:
    """Registers what a case gives to its container as a CDI device."""
    file = Path(f"/var/run/cdi/cuda-image-builder-ailments-{os.getpid()}.json")
    file.parent.mkdir(parents=True, exist_ok=True)
    libraries = {CUDA: fake_driver, NVML: fake_nvml}
    devices: list[object] = []

    def register(case: Case) -> GpuAccess:
        name = f"case-{os.getpid()}-{case.id}"
        edits = {
            "env": [f"FAKE_CUDA={case.cuda}", f"FAKE_NVML={case.nvml}"],
            "deviceNodes": [
                {
                    "path": node,
                    # Every container may open the one; for the other its cgroup decides.
                    "hostPath": "/dev/null" if case.access == "rw" else "/dev/fuse",
                    "permissions": case.access,
                    "fileMode": case.mode,
                }
                for node in case.nodes
            ],
            "mounts": [
                {"hostPath": str(libraries[path]), "containerPath": path, "options": ["ro", "bind"]}
                for path in case.mounts
            ],
        }
        devices.append({"name": name, "containerEdits": edits})
        file.write_text(json.dumps({"cdiVersion": "0.6.0", "kind": "nvidia.com/gpu", "devices": devices}))
        return GpuAccess(GpuPath.CDI, name, version="0.6.0")

    yield register
    file.unlink(missing_ok=True)


def look(docker: DockerClient, image: Reference, gpu: GpuAccess | None, around: Circumstances) -> Diagnosis:
    run = examine_image(docker, str(image), AMD64, program=examination(), gpu=gpu)
    return diagnose(seen(run), around)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_each_way_is_named(
    docker: DockerClient,
    good: Mapping[str, Reference],
    spoil: Spoiler,
    fake_driver: Path,
    lend: Lend,
    case: Case,
) -> None:
    (spoil.folder / "libcuda.so.1").write_bytes(fake_driver.read_bytes())
    image = spoil(good[case.on], f"ailment-{case.id}", *case.lines) if case.lines else good[case.on]
    gpu = lend(case) if case.lent else None
    found = look(docker, image, gpu, Circumstances(case.driver, case.path))
    assert found.ailment
    assert found.ailment.id == case.ailment, (found, report.text(case.id, found))
    text = report.text(str(image), found)
    assert found.ailment.id in text
    assert found.signs
    assert len(text.splitlines()) < 24


def test_every_ailment_is_played() -> None:
    assert {case.ailment for case in CASES} | BY_THE_ENGINE == {ailment.id for ailment in AILMENTS}


def test_what_nvidia_smi_makes_of_it_is_what_the_table_says(
    docker: DockerClient, good: Mapping[str, Reference], lend: Lend
) -> None:
    found = look(
        docker, good["torch"], lend(Case("smi", on="torch")), Circumstances("580.95.05", "cdi 0.6.0")
    )
    assert "nvidia-smi works" in found.smi
    assert dict(found.layers)[Layer.TORCH].endswith("without CUDA, is_available() is False")


def test_what_the_engine_says_is_understood(docker: DockerClient, good: Mapping[str, Reference]) -> None:
    around = Circumstances("580.95.05", "toolkit")
    for access, ailment in (
        (GpuAccess(GpuPath.TOOLKIT, "0"), "toolkit-missing"),
        (GpuAccess(GpuPath.CDI, "nobody-registered-this"), "stale-cdi"),
    ):
        found = look(docker, good["base"], access, around)
        assert found.ailment
        assert found.ailment.id == ailment, found


def test_a_running_container_is_looked_into_as_it_is(
    docker: DockerClient, good: Mapping[str, Reference]
) -> None:
    container = docker.run(
        str(good["base"]), ["sleep", "300"], entrypoint="", detach=True, remove=True, networks=["none"]
    )
    name = container.name
    try:
        run = examine_container(docker, name, program=examination())
        found = diagnose(seen(run), Circumstances("580.95.05", "toolkit"))
    finally:
        docker.container.remove(container, force=True)
    assert found.ailment
    assert found.ailment.id == "no-device"
    with pytest.raises(BuilderError, match="is running"):
        examine_container(docker, name, program=examination())


def test_an_image_that_is_nowhere(docker: DockerClient) -> None:
    with pytest.raises(BuilderError) as refused:
        examine_image(docker, "127.0.0.1:1/no/image:here", AMD64, program=examination(), gpu=None)
    assert refused.value.code is ExitCode.NOT_FOUND


def test_the_command(good: Mapping[str, Reference]) -> None:
    """On whatever machine this is: an image without CUDA inside cannot have it."""
    command = [sys.executable, "-m", "builder", "doctor", str(good["torch"]), "--format", "json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    said = json.loads(done.stdout)
    assert said["available"] is False
    assert said["ailment"]["fix"]
