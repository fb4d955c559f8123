"""What cells promise, and which checks follow from it."""

import json
from typing import Any

import pytest

from builder.matrix.expansion.wheels import COMPONENTS
from builder.model.cell import Flavor, Level, Source
from builder.model.platform import Platform
from builder.smoke.probes.checks import demanded
from builder.smoke.probes.promise import Promise

from .samples import cell, promise

MATH = {"cublas", "cufft", "curand", "cusolver", "cusparse"}


def _promise(level: Level = Level.CPU, **changes: Any) -> Promise:
    return Promise.parse(json.loads(promise(level, **changes)))


def _demanded(level: Level = Level.CPU, **changes: Any) -> set[str]:
    return {check.id for check in demanded(_promise(level, **changes))}


def _flavor(flavor: Flavor, source: Source) -> Promise:
    return _promise(flavor=flavor, source=source, components=COMPONENTS[flavor])


@pytest.mark.parametrize("source", [Source.WHEELS, Source.UPSTREAM])
@pytest.mark.parametrize("flavor", Flavor)
def test_a_flavor_promises_its_parts_and_the_absence_of_the_others(flavor: Flavor, source: Source) -> None:
    made = _flavor(flavor, source)
    assert set(made.libraries).isdisjoint(made.absent)
    assert "cudart" in made.libraries
    assert (set(made.libraries) >= MATH) is (flavor is not Flavor.BASE)
    assert (set(made.absent) >= MATH) is (flavor is Flavor.BASE)
    assert ("cudnn" in made.libraries) is flavor.has_cudnn
    assert ("cudnn" in made.absent) is not flavor.has_cudnn
    assert made.compiler is flavor.has_compiler


def test_torch_brings_libraries_that_no_flavor_forbids() -> None:
    assert _promise(torch="2.13.0").absent == []


def test_a_matrix_that_slims_a_flavor_promises_less() -> None:
    made = _promise(flavor=Flavor.DEVEL, components=("cudart", "nvcc"))
    assert made.libraries == ["cudart"]
    assert made.compiler
    assert "cublas" in made.absent


def test_the_driver_floor_is_that_of_the_major() -> None:
    assert _promise(cuda="13.0.2").driver == "580.65.06"
    assert _promise(cuda="12.8.1").driver == "525.60.13"
    assert _promise(cuda="", source=Source.CPU).driver == ""


def test_the_platform_gives_the_machine() -> None:
    assert _promise(platform=Platform("linux", "arm64")).machine == "aarch64"


def test_a_cell_without_cuda_is_asked_for_none() -> None:
    plain = _demanded(source=Source.CPU, cuda="", torch="2.13.0", components=())
    assert {"files.no-cuda", "flavor.no-compiler", "torch.cpu"} <= plain
    assert not {name for name in plain if name.startswith(("toolkit.", "work.", "compiler."))}
    assert plain == _demanded(Level.GPU, source=Source.CPU, cuda="", torch="2.13.0", components=())


def test_level_gpu_adds_checks_and_takes_none_away() -> None:
    for torch in ("", "2.13.0"):
        at_cpu, at_gpu = _demanded(torch=torch), _demanded(Level.GPU, torch=torch)
        assert at_cpu < at_gpu
        assert {"driver.devices", "driver.origin", "driver.kernel", "toolkit.runtime"} <= at_gpu - at_cpu
        assert ("work.matmul" in at_gpu) is bool(torch)


def test_the_full_profile_adds_checks_and_takes_none_away() -> None:
    text = json.loads(promise(Level.GPU, torch="2.13.0", components=("cudart", "nvcc"), flavor=Flavor.DEVEL))
    quick, full = (
        {check.id for check in demanded(Promise.parse(text | {"profile": profile}))}
        for profile in ("quick", "full")
    )
    assert full - quick == {"work.compile", "work.allocator", "work.collective", "work.loader"}
    assert quick < full


def test_an_image_without_python_is_asked_for_its_absence_and_nothing_of_python() -> None:
    asked, usual = _demanded(python=""), _demanded()
    assert asked - usual == {"platform.no-python"}
    assert usual - asked == {"platform.python", "platform.login", "wheels.guarded"}


def test_login_shells_are_asked_where_they_have_something_to_find() -> None:
    compiles: dict[str, Any] = {"flavor": Flavor.DEVEL, "components": ("cudart", "nvcc"), "python": ""}
    assert "platform.login" in _demanded(**compiles)
    assert "platform.login" not in _demanded(source=Source.NGC_PYTORCH)


def test_held_packages_are_asked_of_nvidias_own_bases_with_apt() -> None:
    assert "packages.held" in _demanded(source=Source.UPSTREAM, os="ubuntu24.04")
    assert "packages.held" not in _demanded(source=Source.UPSTREAM, os="rockylinux9")
    assert "packages.held" not in _demanded(os="debian12")


def test_host_compilers_are_for_devel_flavors() -> None:
    assert {flavor for flavor in Flavor if "flavor.no-toolchain" in _demanded(flavor=flavor)} == {
        flavor for flavor in Flavor if not flavor.has_compiler
    }
    assert "flavor.no-toolchain" not in _demanded(source=Source.NGC_PYTORCH, flavor=Flavor.CUDNN_DEVEL)


def test_every_cell_is_asked_something() -> None:
    assert all(demanded(_promise(source=source, cuda="")) for source in Source)
    assert cell().values()["source"] == "wheels"
