from dataclasses import replace

import pytest

from builder.facts.archs import ArchList, Coverage
from builder.facts.cuda import DriverSupport
from builder.matrix.machines.machine import Machine, machine, of_gpu, of_size, seen
from builder.matrix.machines.needs import Needs, needs
from builder.matrix.machines.runs import Breaks, Layer, Runs, meets, runs
from builder.matrix.schema import HostEntry
from builder.model.cell import Cell, Flavor, Source
from builder.model.platform import Platform


def _cell(cuda: str, torch: str = "", arch: str = "amd64", source: Source = Source.UPSTREAM) -> Cell:
    return Cell(source, cuda, Flavor.BASE, "ubuntu24.04", Platform("linux", arch), torch, "3.12")


V100 = of_gpu("V100", driver="535.161.08")
A100 = of_size("azure:Standard_NC24ads_A100_v4")
GB200 = of_size("azure:Standard_ND128isr_NDR_GB200_v6")
A10_GRID = of_size("azure:Standard_NV36ads_A10_v5")


@pytest.mark.parametrize(
    ("cell", "where", "support", "coverage"),
    [
        (_cell("12.6.3", "2.14.1"), V100, DriverSupport.MINOR, Coverage.EXACT),
        (_cell("12.8.1", "2.10.0"), V100, DriverSupport.MINOR, Coverage.EXACT),
        (_cell("13.0.3", "2.14.1"), A100, DriverSupport.FULL, Coverage.EXACT),
        (_cell("13.2.1", "2.14.1"), A100, DriverSupport.MINOR, Coverage.EXACT),
        (_cell("13.2.1"), A100, DriverSupport.MINOR, Coverage.EXACT),
        (_cell("13.0.3", "2.14.1", "arm64"), GB200, DriverSupport.FULL, Coverage.EXACT),
        (_cell("12.8.1", "2.11.0"), A10_GRID, DriverSupport.FULL, Coverage.EXACT),
        (_cell("13.0.3", "2.14.1"), of_gpu("L4"), DriverSupport.FULL, Coverage.BINARY),
        (
            _cell("13.0.3", "2.14.1", "arm64"),
            of_gpu("sm_121", arch="arm64"),
            DriverSupport.FULL,
            Coverage.BINARY,
        ),
        (_cell("", source=Source.CPU), A100, None, None),
        (_cell("", source=Source.CPU), of_size("azure:Standard_NV4as_v4"), None, None),
    ],
)
def test_runs(cell: Cell, where: Machine, support: DriverSupport | None, coverage: Coverage | None) -> None:
    verdict = runs(cell, where)
    assert isinstance(verdict, Runs), verdict
    assert (verdict.support, verdict.coverage) == (support, coverage)
    assert verdict.gpu is (support is not None)


@pytest.mark.parametrize(
    ("cell", "where", "layer", "why", "fix"),
    [
        (
            _cell("13.0.3", "2.14.1"),
            V100,
            Layer.DRIVER,
            "580.65.06 or newer, and 535.161.08",
            "CUDA 12 or older",
        ),
        (_cell("12.8.1", "2.11.0"), V100, Layer.WHEELS, "no code for compute capability 7.0", "cu126"),
        (
            _cell("12.6.3", "2.14.1", "arm64"),
            GB200,
            Layer.TOOLKIT,
            "does not know compute capability 10.0",
            "newer",
        ),
        (
            _cell("13.0.3", "2.14.1"),
            A10_GRID,
            Layer.DRIVER,
            "no forward-compatibility package",
            "Update the driver",
        ),
        (
            _cell("13.0.3"),
            GB200,
            Layer.MACHINE,
            "the image is for amd64, the machine is arm64",
            "linux/arm64",
        ),
        (
            _cell("13.0.3"),
            of_gpu("V100", driver="580.95.05"),
            Layer.TOOLKIT,
            "dropped compute capability 7.0",
            "12",
        ),
        (
            _cell("12.6.3"),
            of_gpu("V100", driver="595.58.03"),
            Layer.DRIVER,
            "has dropped Volta",
            "branch 580",
        ),
        (
            _cell("12.9.1"),
            of_gpu("T4", driver="545.23.08"),
            Layer.DRIVER,
            "refuses to start",
            "NVIDIA_DISABLE_REQUIRE",
        ),
        (
            _cell("13.0.3"),
            of_size("azure:Standard_ND96isr_MI300X_v5"),
            Layer.MACHINE,
            "no GPU of NVIDIA's",
            "without",
        ),
        (
            _cell("13.0.3", "2.14.1"),
            seen("NVIDIA X", "12.9", "575.51.03", "amd64"),
            Layer.DRIVER,
            "580.65.06",
            "",
        ),
    ],
)
def test_the_lowest_layer_that_breaks(cell: Cell, where: Machine, layer: Layer, why: str, fix: str) -> None:
    verdict = runs(cell, where)
    assert isinstance(verdict, Breaks)
    assert verdict.layer is layer
    assert why in verdict.why
    assert fix in verdict.fix


@pytest.mark.parametrize("driver", ["580.65.06", "590.44.01"])
def test_ptx_is_compiled_by_a_driver_that_knows_the_toolkit(driver: str) -> None:
    verdict = meets(_only_ptx("13.0.0"), of_gpu("H100", driver=driver), "9.0")
    assert isinstance(verdict, Runs)
    assert verdict.coverage is Coverage.PTX


def test_ptx_is_not_compiled_by_minor_version_compatibility() -> None:
    verdict = meets(_only_ptx("13.2.1"), of_gpu("H100", driver="580.95.05"), "9.0")
    assert isinstance(verdict, Breaks)
    assert verdict.layer is Layer.WHEELS
    assert "only PTX" in verdict.why
    assert verdict.fix == "Update the driver to 595.58.03."


def _only_ptx(cuda: str) -> Needs:
    needed = needs(_cell(cuda, "2.14.1"))
    assert needed.wheel
    return replace(needed, wheel=replace(needed.wheel, archs=ArchList(("8.0",), ("8.0",))))


def test_an_unchecked_driver_leaves_a_doubt() -> None:
    verdict = runs(_cell("13.4.1"), of_size("azure:Standard_NC24ads_A100_v4", driver="535.0"))
    assert isinstance(verdict, Breaks)
    assert verdict.sure
    usual = runs(_cell("13.0.3"), Machine("x", "amd64", "X", "9.0", "570.0", doubts=frozenset({"driver"})))
    assert isinstance(usual, Breaks)
    assert not usual.sure


def test_what_is_not_known_is_said_and_not_refused() -> None:
    for cell in (_cell("99.0.0"), _cell("13.2.1", "99.0"), _cell("13.2.1", "2.15.0")):
        verdict = runs(cell, of_gpu("H100"))
        assert isinstance(verdict, Runs)
        assert verdict.notes


def test_the_oldest_driver_and_the_gpus_of_an_image() -> None:
    torch = needs(_cell("12.8.1", "2.11.0"))
    assert (torch.min_driver, str(torch.archs)) == ("525.60.13", "7.5;8.0;8.6;9.0;10.0;12.0")
    bare = needs(_cell("13.2.1"))
    assert bare.min_driver == "580.65.06"
    assert bare.archs is not None
    assert bare.archs.sass[0] == "7.5"
    assert needs(_cell("", source=Source.CPU)).min_driver == ""


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        (HostEntry(size="azure:Standard_NC24ads_A100_v5"), "did you mean azure:Standard_NC24ads_A100_v4"),
        (HostEntry(gpu="VV100"), "there is no GPU `VV100`; did you mean V100"),
        (HostEntry(gpu="Jetson AGX Orin"), "Jetson"),
        (HostEntry(gpu="V100", platform="linux/arm64"), "only on amd64"),
    ],
)
def test_machines_that_nobody_knows(entry: HostEntry, said: str) -> None:
    with pytest.raises(LookupError, match=said):
        machine(entry)


def test_a_driver_that_is_no_version() -> None:
    with pytest.raises(ValueError, match=r"write 535\.161\.08"):
        of_gpu("V100", driver="newest")


def test_a_size_with_another_driver() -> None:
    found = machine(HostEntry(size="azure:Standard_NV36ads_A10_v5", driver="580.95.05"))
    assert (found.driver, found.grid) == ("580.95.05", False)
    assert isinstance(runs(_cell("13.0.3"), found), Runs)


def test_a_retired_size_says_so() -> None:
    assert "2025-09-30" in of_size("azure:Standard_NC6s_v3").gone
    assert not A100.gone
