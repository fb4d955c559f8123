import pytest

from builder.facts import cuda, torch
from builder.facts.torch import Wheel
from builder.facts.version import minor, parts
from builder.facts.wheels import Mismatch, NoWheel, companion_fits, explain, fit, fitting


def _wheel(torch: str, cuda: str, arch: str) -> Wheel:
    found = fit(torch, cuda, arch)
    assert isinstance(found, Wheel)
    return found


@pytest.mark.parametrize(
    ("torch", "cuda", "arch", "variant"),
    [
        ("2.9.1", "13.0.2", "amd64", "cu130"),
        ("2.9.1", "13.2.1", "amd64", "cu130"),
        ("2.9.1", "12.9.1", "amd64", "cu128"),
        ("2.9.1", "12.6.3", "arm64", "cu126"),
        ("2.13.0", "12.9.1", "amd64", "cu129"),
        ("2.13.0", "12.9.1", "arm64", "cu126"),
        ("2.13.0", "12.8.1", "amd64", "cu126"),
        ("2.15.0", "13.2.1", "amd64", "cu132"),
        ("2.10.0", "cpu", "arm64", "cpu"),
        ("2.10.0", "", "amd64", "cpu"),
    ],
)
def test_the_variant_for_a_cuda_version(torch: str, cuda: str, arch: str, variant: str) -> None:
    assert _wheel(torch, cuda, arch).variant == variant


def test_a_fitting_wheel_is_never_of_another_major_nor_newer() -> None:
    for release in torch.releases():
        for toolkit in cuda.releases():
            for arch in ("amd64", "arm64"):
                found = fit(release.version, toolkit.version, arch)
                if isinstance(found, Wheel):
                    assert found.cuda is not None
                    assert parts(found.cuda)[0] == toolkit.major
                    assert parts(found.cuda) <= parts(toolkit.minor)


@pytest.mark.parametrize(
    ("torch", "cuda", "arch", "mismatch"),
    [
        ("2.15.0", "13.0.2", "amd64", Mismatch.NEWER_MINOR),
        ("2.6.0", "12.6.3", "arm64", Mismatch.NO_CUDA_ON_ARCH),
        ("2.9.1", "11.8.0", "amd64", Mismatch.OTHER_MAJOR),
        ("2.9.9", "13.0.2", "amd64", Mismatch.UNKNOWN_TORCH),
        ("nonsense", "13.0.2", "amd64", Mismatch.UNKNOWN_TORCH),
    ],
)
def test_why_none_fits(torch: str, cuda: str, arch: str, mismatch: Mismatch) -> None:
    found = fit(torch, cuda, arch)
    assert isinstance(found, NoWheel)
    assert found.mismatch is mismatch
    assert found.nearest == fitting(cuda, arch)
    assert all(isinstance(fit(other, cuda, arch), Wheel) for other in found.nearest)


def test_doubts_what_is_newer_than_the_table_or_incomplete_in_it() -> None:
    for version, doubts in (("3.0.0", {"torch"}), ("2.9.9", set()), ("2.15.0", {"variants"})):
        found = fit(version, "13.0.2", "amd64")
        assert isinstance(found, NoWheel)
        assert found.unverified == doubts


def test_doubts_the_arch_list_where_the_table_does() -> None:
    assert _wheel("2.12.0", "12.9.1", "amd64").unverified == {"archs", "cudnn", "nccl"}
    assert _wheel("2.12.0", "12.9.1", "amd64").archs is None
    assert _wheel("2.8.0", "12.9.1", "arm64").unverified == {"archs"}
    assert _wheel("2.8.0", "12.9.1", "amd64").unverified == frozenset()


def test_default_index() -> None:
    assert _wheel("2.10.0", "12.8.1", "amd64").is_default
    assert not _wheel("2.10.0", "12.8.1", "arm64").is_default
    assert _wheel("2.11.0", "13.0.2", "arm64").is_default
    assert _wheel("2.10.0", "cpu", "arm64").is_default


def test_where_to_get_it() -> None:
    wheel = _wheel("2.9.1", "12.8.1", "amd64")
    assert wheel.index == "https://download.pytorch.org/whl/cu128"
    assert wheel.local_version == "2.9.1+cu128"


def test_explains() -> None:
    assert (
        explain(_wheel("2.9.1", "13.0.2", "amd64"), "13.0.2") == "cu130 is torch 2.9.1 built with CUDA 13.0"
    )
    assert "not above 12.9.1" in explain(_wheel("2.9.1", "12.9.1", "amd64"), "12.9.1")
    assert "without CUDA" in explain(_wheel("2.9.1", "cpu", "amd64"), "cpu")


def test_pythons_and_glibc() -> None:
    release = torch.release("2.15.0")
    old = torch.release("2.5.1")
    assert release is not None
    assert old is not None
    assert "3.10" not in release.pythons["amd64"]
    assert "3.13" in old.pythons["amd64"]
    assert "3.13" not in old.pythons["arm64"]
    assert release.glibc == "2.28"
    assert _wheel("2.6.0", "12.6.3", "amd64").glibc == "2.28"
    assert _wheel("2.6.0", "12.4.1", "amd64").glibc == "2.17"


def test_the_toolkit_that_the_default_wheel_requires() -> None:
    pinned = {release.version: release.toolkit for release in torch.releases() if release.toolkit}
    assert pinned["2.11.0"] == "13.0.2"
    assert pinned["2.15.0"] == "13.2.2"
    assert "2.10.0" not in pinned
    for version, toolkit in pinned.items():
        wheel = _wheel(version, toolkit, "amd64")
        assert wheel.is_default
        assert wheel.cuda == minor(toolkit)


def test_companions_of_every_release() -> None:
    for release in torch.releases():
        assert companion_fits("torchvision", release.torchvision, release.version)
        assert companion_fits("torchaudio", release.torchaudio, release.version)
    assert not companion_fits("torchvision", "0.24.0", "2.9.1")
    assert not companion_fits("torchaudio", "2.0.1", "2.0.1")
    assert not companion_fits("torchvision", "newest", "2.9.1")
    with pytest.raises(KeyError):
        companion_fits("torchtext", "0.18.0", "2.9.1")
