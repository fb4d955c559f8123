"""Environments of conda's: what a cell asks for, by torch's age, and what constraints admit."""

import pytest

from builder.matrix.conda.environment import Environment, environment
from builder.matrix.conda.file import parse
from builder.matrix.conda.versions import admits
from builder.matrix.expansion.expand import expand
from builder.matrix.lock import LockedPackage
from builder.model.cell import Cell
from builder.model.digest import Digest
from tests.matrix.samples import cells, matrix, targets


def only(**axes: object) -> Environment:
    (cell,) = cells(axes={"platform": "linux/amd64", "os": "ubuntu24.04", "env": "conda", **axes})
    return _of(cell)


def _of(cell: Cell) -> Environment:
    found = environment(cell)
    assert found is not None
    return found


def test_torch_of_today_comes_from_conda_forge_with_cuda_pinned_by_its_own_package() -> None:
    found = only(cuda="12.6.3", torch="2.7.1", python="3.12")
    assert found.channels == ("conda-forge",)
    assert found.specs == ("python 3.12.*", "pip", "pytorch ==2.7.1 cuda*", "cuda-version 12.6.*", "numpy")
    assert set(found.virtual) == {"__unix=0", "__linux=0", "__glibc=2.39", "__cuda=12.6"}


def test_torch_up_to_2_5_comes_from_its_own_channel_with_its_own_selector() -> None:
    found = only(cuda="12.4.1", torch="2.5.1")
    assert found.channels == ("pytorch", "nvidia", "conda-forge")
    assert found.specs[2:4] == ("pytorch ==2.5.1", "pytorch-cuda >=12,<=12.4")


def test_that_channel_never_had_cuda_for_arm64() -> None:
    found = only(cuda="12.4.1", torch="2.5.1", platform="linux/arm64")
    assert (found.channels, found.subdir) == (("conda-forge",), "linux-aarch64")
    assert "cuda-version 12.4.*" in found.specs


def test_without_cuda_the_build_is_one_for_the_cpu_and_no_driver_is_told_of() -> None:
    found = only(cuda="cpu", torch="2.7.1")
    assert "pytorch ==2.7.1 cpu*" in found.specs
    assert not any("cuda" in text for text in (*found.specs, *found.virtual))


def test_companions_and_a_file_come_on_top() -> None:
    file = parse(b"name: x\nchannels: [acme, nodefaults]\ndependencies: [scipy=1.15]\n", "environment.yml")
    axes = {"platform": "linux/amd64", "os": "debian12", "cuda": "cpu", "env": "conda", "torch": "2.6.0"}
    (cell,) = expand(matrix(axes=axes, companions=["torchvision"]), file).cells
    found = _of(cell)
    assert found.channels == ("acme",)
    assert found.specs[-2:] == ("torchvision ==0.21.0", "scipy=1.15")
    assert found.text.splitlines() == [
        "channels:",
        "  - acme",
        "  - nodefaults",
        "dependencies:",
        *(f"  - {spec}" for spec in found.specs),
    ]


def test_a_file_changes_nothing_in_cells_of_pip() -> None:
    file = parse(b"channels: [acme]\ndependencies: [scipy]\n", "environment.yml")
    axes = {"platform": "linux/amd64", "os": "debian12", "cuda": "cpu"}
    (cell,) = expand(matrix(axes=axes), file).cells
    assert (environment(cell), cell.packages, cell.channels) == (None, (), ())


def test_any_axis_default_override_or_entry_may_say_it() -> None:
    head = {"cuda": "cpu", "os": "debian12"}
    by_default = targets(defaults={"env": "conda"}, include=[head])
    by_entry = targets(include=[{**head, "env": ["conda", "pip"]}])
    by_override = targets(
        axes=head, override=[{"match": {"env": "pip"}, "set": {"env": "conda"}, "reason": "x"}]
    )
    assert [one.name for one in by_default] == ["cpu-base-debian12-py3.11-conda"]
    assert [one.name for one in by_entry] == ["cpu-base-debian12-py3.11", "cpu-base-debian12-py3.11-conda"]
    assert [one.name for one in by_override] == ["cpu-base-debian12-py3.11-conda"]


@pytest.mark.parametrize(
    ("constraint", "version", "admitted"),
    [
        ("", "12.6", True),
        ("*", "12.6", True),
        ("=12.6", "12.6", True),
        ("12.*", "12.6", True),
        ("==3.11.2", "3.11", True),
        ("=*=cuda*", "2.7", True),
        ("=2.1=py312*", "2.1", True),
        (">=12, <13", "12.6", True),
        ("11.8|12.*", "12.6", True),
        ("=11.8", "12.6", False),
        ("11.8.*", "12.6", False),
        (">=12,<12.4", "12.6", False),
        ("11.7|11.8", "12.6", False),
        ("!=12.6", "12.6", False),
        ("12.60", "12.6", False),
    ],
)
def test_what_a_constraint_admits(constraint: str, version: str, admitted: bool) -> None:
    assert admits(constraint, version) is admitted


def test_a_locked_package_is_a_line_and_comes_back() -> None:
    one = LockedPackage("scipy", "1.15.2", "conda-forge/linux-64/scipy-1.15.2-py312_0.conda", Digest.of(b"x"))
    assert LockedPackage.parse(str(one)) == one
    assert one.explicit == f"{one.path}#{one.digest}"
