"""The doctor where there is a GPU: the machine is sound, and what is taken away from an image is named."""

import json
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from builder.doctor.check import check
from builder.doctor.image.diagnosis import Diagnosis, diagnose
from builder.doctor.observation import Job, Part, State
from builder.doctor.survey import Needs
from builder.engine.examine import examine_image
from builder.engine.host.host import Host
from builder.engine.host.read import read_survey
from builder.model.probe import GpuAccess, GpuPath
from builder.pipeline.examine import around, seen
from builder.report import diagnosis as report
from builder.report import doctor
from builder.smoke.program import examination

from .conftest import Bench
from .test_host_image import STUB, TORCH

pytestmark = pytest.mark.gpu

Without = Callable[..., GpuAccess]


@pytest.fixture(scope="module")
def without() -> Iterator[Without]:
    """Lends this machine's GPUs short of a device file, or with another right to open them."""
    found = json.loads(Path("/etc/cdi/nvidia.json").read_text())
    file = Path(f"/var/run/cdi/cuda-image-builder-without-{os.getpid()}.json")
    file.parent.mkdir(parents=True, exist_ok=True)
    devices: list[dict[str, Any]] = []

    def register(name: str, missing: str = "", permissions: str = "rw") -> GpuAccess:
        shared = found["containerEdits"]
        everything = next(device for device in found["devices"] if device["name"] == "all")
        nodes = [*everything["containerEdits"]["deviceNodes"], *shared["deviceNodes"]]
        left = [{**node, "permissions": permissions} for node in nodes if node["path"] != missing]
        devices.append({"name": name, "containerEdits": {"deviceNodes": left, "mounts": shared["mounts"]}})
        file.write_text(json.dumps({"cdiVersion": "0.6.0", "kind": "nvidia.com/gpu", "devices": devices}))
        return GpuAccess(GpuPath.CDI, name, version="0.6.0")

    yield register
    file.unlink(missing_ok=True)


def look(bench: Bench, gpu: GpuAccess | None, *lines: str, name: str = "") -> Diagnosis:
    image = bench.spoil(f"doctor-{name}", *lines) if lines else bench.image
    run = examine_image(bench.docker, str(image), bench.platform, program=examination(), gpu=gpu)
    found = diagnose(seen(run), around(Host(), gpu or bench.gpus[0]))
    print(report.text(name or "the host's image", found))
    return found


def test_the_machine_is_told_what_it_has(bench: Bench) -> None:
    survey = read_survey(Host(), datetime.now(UTC).date())
    observations = check(survey, Needs((str(bench.platform),)))
    print(doctor.text(observations, frozenset(Job)))
    broken = [one.what for one in observations if one.state is State.BROKEN]
    assert broken == []
    assert {Part.DRIVER, Part.LENDING, Part.ENGINE, Part.BUILDER} <= {one.part for one in observations}


def test_cuda_is_available_in_the_hosts_own_image(bench: Bench) -> None:
    found = look(bench, bench.gpus[0])
    assert found.ailment is None, found
    assert "nvidia-smi works" in found.smi


_CPU_ONLY = f"RUN sed -i 's/^cuda.*=.*/cuda = None/' {TORCH}/version.py"
_NO_CODE = f"RUN echo 'get_arch_list = lambda: [\"sm_50\"]' >> {TORCH}/cuda/__init__.py"
IMAGES = {
    "torch-cpu-only": (_CPU_ONLY,),
    "no-code-for-gpu": (_NO_CODE,),
    "stub-libcuda": (f"RUN mkdir /opt/first && {STUB}", "ENV LD_LIBRARY_PATH=/opt/first"),
    "hidden-by-variable": ("ENV CUDA_VISIBLE_DEVICES=",),
}


@pytest.mark.parametrize("ailment", IMAGES)
def test_an_image_is_told_what_it_has(bench: Bench, ailment: str) -> None:
    found = look(bench, bench.gpus[0], *IMAGES[ailment], name=ailment)
    assert found.ailment
    assert found.ailment.id == ailment, found


def test_a_container_is_told_what_it_was_not_given(bench: Bench, without: Without) -> None:
    given = {
        "no-device": None,
        "uvm-missing": without("uvm", missing="/dev/nvidia-uvm"),
        "device-lost": without("lost", permissions="m"),
    }
    named = {wanted: look(bench, gpu, name=wanted) for wanted, gpu in given.items()}
    found = {wanted: one.ailment and one.ailment.id for wanted, one in named.items()}
    assert found == {wanted: wanted for wanted in given}, named
