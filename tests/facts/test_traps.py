"""What people get wrong about CUDA images: each trap with a check, and a wrong table that turns it red."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest

from builder.facts import cuda, emulators, gpus, hosts, keys, systems, tags, torch, wheels
from builder.facts.archs import ArchList, Coverage
from builder.facts.tags import TagStatus
from builder.facts.torch import Wheel
from builder.facts.upstream import Gap, NoTag, UpstreamTag, find, lookup
from builder.facts.version import minor, parts

from .conftest import Fault

LISTING = {"status": "supported", "flavors": ["base", "cudnn-devel"], "arches": ["amd64"], "src": "manifest"}


@dataclass(frozen=True)
class Trap:
    table: str
    fault: Fault
    check: Callable[[], None]


def _row(rows: list[dict[str, Any]], **match: object) -> dict[str, Any]:
    return next(row for row in rows if match.items() <= row.items())


def _gap(cuda: str, flavor: str, os: str) -> Gap | None:
    found = find(cuda, flavor, os)
    return found.gap if isinstance(found, NoTag) else None


def _archs(version: str, variant: str, arch: str) -> ArchList:
    wheel = next(wheel for wheel in torch.wheels(version, arch) if wheel.variant == variant)
    assert wheel.archs is not None
    return wheel.archs


def _default(version: str) -> dict[str, str]:
    known = torch.release(version)
    assert known is not None
    return dict(known.default)


def no_12_7() -> None:
    assert cuda.exists("12.7.0") is False
    assert cuda.exists("12.6.4") is False


def only_a_preview_of_13_4_0() -> None:
    assert cuda.exists("13.4.0") is False
    assert cuda.exists("13.4.1") is True


def toolkits_without_images() -> None:
    for version in ("12.2.1", "11.4.4"):
        assert cuda.exists(version) is True
        assert _gap(version, "base", "ubuntu20.04") is Gap.NO_IMAGE


def cudnn_is_spelled_by_version() -> None:
    for version, word in (
        ("11.8.0", "cudnn8"),
        ("12.2.2", "cudnn8"),
        ("12.3.2", "cudnn9"),
        ("12.4.1", "cudnn"),
    ):
        found = find(version, "cudnn-devel", "ubuntu22.04")
        assert isinstance(found, UpstreamTag)
        assert found.tag == f"{version}-{word}-devel-ubuntu22.04"


def versions_without_cudnn() -> None:
    for version in ("12.2.0", "12.3.0", "12.3.1", "12.4.0", "12.5.0", "12.8.2", "13.1.0"):
        for os in tags.systems(version):
            assert _gap(version, "cudnn-devel", os) is Gap.NO_CUDNN
    assert _gap("12.5.1", "cudnn-devel", "ubuntu24.04") is Gap.NO_CUDNN
    assert _gap("12.5.1", "cudnn-devel", "ubuntu22.04") is None


def systems_without_cudnn() -> None:
    for os in ("amzn2023", "azl3", "cm2", "suse16"):
        assert tags.versions(os)
        assert not any(tags.listings()[version, os].has_cudnn for version in tags.versions(os))


def windows_of_systems() -> None:
    windows = {os: tags.versions(os) for os in ("ubuntu18.04", "ubuntu20.04")}
    assert {os: versions[-1] for os, versions in windows.items()} == {
        "ubuntu18.04": "12.1.0",
        "ubuntu20.04": "12.9.2",
    }
    starts = {os: tags.versions(os)[0] for os in ("ubuntu22.04", "ubuntu24.04", "ubuntu26.04")}
    assert starts == {"ubuntu22.04": "11.7.0", "ubuntu24.04": "12.5.1", "ubuntu26.04": "13.3.0"}


def no_debian_and_no_fedora() -> None:
    assert not [os for _, os in tags.listings() if os.startswith(("debian", "fedora"))]
    assert _gap("13.0.2", "devel", "debian12") is Gap.NO_OS


def systems_without_arm64() -> None:
    for (version, os), listing in tags.listings().items():
        if os in ("cm2", "opensuse15", "centos7", "ubi7"):
            assert "arm64" not in listing.arches
        if os == "amzn2023":
            assert ("arm64" in listing.arches) == (parts(version) > (12, 8, 2))


def cudnn_without_arm64() -> None:
    holes = {
        key
        for key, listing in tags.listings().items()
        if parts(key[0]) >= (12,) and listing.has_cudnn
        if "arm64" in listing.arches and "arm64" not in listing.cudnn_arches
    }
    versions = ("12.0.1", "12.1.0", "12.1.1", "12.2.2")
    assert holes == {(version, os) for version in versions for os in ("ubi9", "rockylinux9")}


def ppc64le_has_ended() -> None:
    last = [version for (version, _), listing in tags.listings().items() if "ppc64le" in listing.arches][-1]
    assert last == "12.4.1"


def repositories_given_up() -> None:
    for name in ("nvidia/cuda-arm64", "docker.io/nvidia/cuda-ppc64le"):
        known = tags.deprecated(name)
        assert known is not None
        assert known.use == "nvidia/cuda"
    assert tags.deprecated("docker.io/nvidia/cuda") is None
    assert tags.deprecated("ghcr.io/acme/mynvidia/cuda-arm64-tools") is None


def no_latest() -> None:
    found = lookup("latest")
    assert isinstance(found, NoTag)
    assert found.gap is Gap.ABSENT


def tags_move() -> None:
    assert tags.moves("11.8.0") == ("8.6.0.163", "8.7.0.84", "8.9.0.131", "8.9.6.50")


def listed_but_not_there() -> None:
    assert "cudnn8-devel" in tags.listings()["11.8.0", "centos7"].flavors
    assert tags.listings()["11.8.0", "centos7"].status is TagStatus.SUPPORTED
    assert _gap("11.8.0", "cudnn-devel", "centos7") is Gap.ABSENT


def default_variants() -> None:
    defaults = {release.version: release.default["amd64"] for release in torch.releases()}
    for version, variant in defaults.items():
        if parts(version) >= (2, 7):
            between = "cu128" if parts(version) < (2, 11) else "cu130"
            assert variant == {"2.7": "cu126", "2.15": "cu132"}.get(minor(version), between), version


def plain_installs_need_a_new_driver() -> None:
    for version in ("2.11.0", "2.14.1"):
        wheel = wheels.fit(version, "13.0.2", "amd64")
        assert isinstance(wheel, Wheel)
        assert wheel.is_default
        assert wheel.min_driver == "580.65.06"
        assert wheel.archs is not None
        assert wheel.archs.covers("7.5").runs
        assert not wheel.archs.covers("7.0").runs


def plain_arm64_installs_were_without_cuda() -> None:
    for release in torch.releases():
        assert (release.default["arm64"] == "cpu") == (parts(release.version) < (2, 11)), release.version


def volta_is_gone() -> None:
    assert _archs("2.10.0", "cu128", "amd64").covers("7.0") is Coverage.EXACT
    assert not _archs("2.11.0", "cu128", "amd64").covers("7.0").runs
    for release in torch.releases():
        for wheel in torch.wheels(release.version, "amd64"):
            if wheel.variant == "cu130" and wheel.archs:
                assert not wheel.archs.covers("7.0").runs


def cu126_has_no_blackwell() -> None:
    for version in ("2.7.1", "2.9.1", "2.14.1"):
        assert not _archs(version, "cu126", "amd64").covers("10.0").runs
        assert not _archs(version, "cu126", "amd64").covers("12.0").runs


def thor_only_on_arm64() -> None:
    assert _archs("2.13.0", "cu130", "arm64").covers("11.0") is Coverage.EXACT
    assert _archs("2.13.0", "cu132", "arm64").covers("11.0") is Coverage.EXACT
    assert not _archs("2.13.0", "cu130", "amd64").covers("11.0").runs
    assert not _archs("2.13.0", "cu126", "arm64").covers("11.0").runs


def old_systems_have_an_old_glibc() -> None:
    for release in torch.releases():
        if parts(release.version) >= (2, 7):
            old = {system.name for system in systems.systems() if not system.has_glibc(release.glibc)}
            assert old == {"amzn2", "centos7", "ubi7", "ubuntu16.04", "ubuntu18.04"}


def torchaudio_ends() -> None:
    assert wheels.companion_fits("torchaudio", "2.11.0", "2.13.0")
    assert not wheels.companion_fits("torchaudio", "2.13.0", "2.13.0")
    assert not wheels.companion_fits("torchaudio", "2.10.0", "2.11.0")


def torchvision_has_only_a_lower_bound() -> None:
    assert wheels.companion_fits("torchvision", "0.29.1", "2.15.0")
    assert not wheels.companion_fits("torchvision", "0.29.1", "2.13.0")
    assert not wheels.companion_fits("torchvision", "0.29.0", "2.15.0")


def a_grid_driver_too_old_for_cuda_13() -> None:
    host = hosts.find("azure:Standard_NV36ads_A10_v5")
    toolkit = cuda.release("13.0.2")
    assert host is not None
    assert host.driver is not None
    assert toolkit is not None
    assert host.grid
    assert "driver" not in host.unverified
    assert cuda.support(toolkit, host.driver) is cuda.DriverSupport.NONE


def hosts_of_arm64() -> None:
    arm64 = {host.id for host in hosts.hosts() if host.arch == "arm64"}
    expected = ("gb200", "gb300", "gcp:a4x-", "aws:g5g.")
    assert arm64 == {host.id for host in hosts.hosts() if any(word in host.id.lower() for word in expected)}
    assert {host.gpu for host in hosts.hosts() if host.id in arm64} == {"GB200", "GB300", "T4G"}


def keys_by_system() -> None:
    today = date(2026, 11, 21)
    wanted = {
        "rockylinux10": "CDF6BA43",
        "ubi10": "CDF6BA43",
        "fedora43": "1940C73E",
        "fedora44": "73CD9B30",
        "rockylinux9": "D42D0685",
        "fedora42": "D42D0685",
        "ubuntu24.04": "3BF863CC",
        "ubuntu26.04": "60DF8A40",
    }
    for os, key in wanted.items():
        signing = keys.signing(os, today)
        assert signing is not None
        assert (signing.id, signing.unverified) == (key, frozenset())


def keys_rotated_in_2022() -> None:
    for os, after in (("ubuntu20.04", "3BF863CC"), ("ubi8", "D42D0685")):
        before = keys.signing(os, date(2022, 4, 26))
        now = keys.signing(os, date(2022, 4, 27))
        assert before is not None
        assert now is not None
        assert (before.id, now.id) == ("7FA2AF80", after)
        assert now.id in before.replaced_by


def arm64_is_called_sbsa() -> None:
    repository = keys.repository("ubuntu24.04")
    assert repository is not None
    assert repository.path("arm64") == "ubuntu2404/sbsa"


def crt_headers_drift() -> None:
    assert cuda.loose_wheels("13.0.2", "nvcc") == ("nvidia-cuda-crt", "nvidia-nvvm")
    assert cuda.loose_wheels("13.0.3", "nvjitlink") == ("nvidia-nvjitlink",)
    assert cuda.loose_wheels("12.9.1", "nvcc") == ()
    assert cuda.component_pin("13.0.2") == "==13.0.*"


def qemu_crashes() -> None:
    assert emulators.runs_torch("7.2.11", "arm64") is False
    assert emulators.runs_torch("10.0.2", "arm64") is True
    assert emulators.runs_torch("8.2.0", "arm64") is None


def _put(key: str, row: dict[str, Any]) -> Fault:
    return lambda data: data[key].insert(0, row)


def _set(key: str, match: dict[str, object], /, **values: object) -> Fault:
    return lambda data: _row(data[key], **match).update(values)


def _drop(key: str, column: str, match: dict[str, object]) -> Fault:
    return lambda data: _row(data[key], **match).pop(column)


def _without(key: str, match: dict[str, object]) -> Fault:
    return lambda data: data[key].remove(_row(data[key], **match))


TRAPS = [
    Trap("cuda", _put("releases", {"version": "12.6.4", "status": "ga"}), no_12_7),
    Trap("cuda", _set("releases", {"version": "13.4.0"}, status="ga"), only_a_preview_of_13_4_0),
    Trap(
        "tags", _put("listings", {"cuda": "12.2.1", "os": "ubuntu20.04"} | LISTING), toolkits_without_images
    ),
    Trap(
        "tags",
        _set("listings", {"cuda": "12.4.1", "os": "ubuntu22.04"}, flavors=["cudnn9-devel"]),
        cudnn_is_spelled_by_version,
    ),
    Trap(
        "tags",
        _set("listings", {"cuda": "12.4.0", "os": "ubuntu22.04"}, flavors=["base", "cudnn-devel"]),
        versions_without_cudnn,
    ),
    Trap("tags", _set("listings", {"os": "azl3"}, flavors=["base", "cudnn-devel"]), systems_without_cudnn),
    Trap("tags", _put("listings", {"cuda": "12.4.1", "os": "ubuntu24.04"} | LISTING), windows_of_systems),
    Trap("tags", _put("listings", {"cuda": "13.0.2", "os": "debian12"} | LISTING), no_debian_and_no_fedora),
    Trap("tags", _set("listings", {"os": "cm2"}, arches=["amd64", "arm64"]), systems_without_arm64),
    Trap("tags", _drop("listings", "cudnn_arches", {"cuda": "12.2.2", "os": "ubi9"}), cudnn_without_arm64),
    Trap(
        "tags",
        _set("listings", {"cuda": "12.5.1", "os": "ubi8"}, arches=["amd64", "ppc64le"]),
        ppc64le_has_ended,
    ),
    Trap("tags", _without("deprecated", {"repository": "nvidia/cuda-ppc64le"}), repositories_given_up),
    Trap("tags", _without("absent", {"tag": "latest"}), no_latest),
    Trap("tags", _without("moved", {"cuda": "11.8.0"}), tags_move),
    Trap("tags", _without("absent", {"tag": "11.8.0-cudnn8-devel-centos7"}), listed_but_not_there),
    Trap(
        "torch",
        _set("releases", {"version": "2.11.0"}, default={"amd64": "cu128", "arm64": "cu128"}),
        default_variants,
    ),
    Trap(
        "torch",
        _set("wheels", {"torch": "2.11.0", "variant": "cu130"}, min_driver="525.60.13"),
        plain_installs_need_a_new_driver,
    ),
    Trap(
        "torch",
        _set("releases", {"version": "2.10.0"}, default={"amd64": "cu128", "arm64": "cu128"}),
        plain_arm64_installs_were_without_cuda,
    ),
    Trap("torch", _set("wheels", {"torch": "2.11.0", "variant": "cu128"}, archs="7.0;12.0"), volta_is_gone),
    Trap(
        "torch",
        _set("wheels", {"torch": "2.9.1", "variant": "cu126"}, archs="9.0+PTX"),
        cu126_has_no_blackwell,
    ),
    Trap(
        "torch", _set("wheels", {"torch": "2.13.0", "variant": "cu130"}, archs="10.0+PTX"), thor_only_on_arm64
    ),
    Trap("systems", _set("systems", {"name": "ubuntu18.04"}, glibc="2.28"), old_systems_have_an_old_glibc),
    Trap("torch", _drop("companions", "last", {"package": "torchaudio"}), torchaudio_ends),
    Trap(
        "torch",
        _set("companions", {"package": "torchvision"}, torch="2.9.0"),
        torchvision_has_only_a_lower_bound,
    ),
    Trap(
        "hosts",
        _set("hosts", {"size": "Standard_NV36ads_A10_v5"}, driver="580.159.04"),
        a_grid_driver_too_old_for_cuda_13,
    ),
    Trap("hosts", _set("hosts", {"size": "Standard_ND128isr_NDR_GB200_v6"}, arch="amd64"), hosts_of_arm64),
    Trap("keys", _set("repositories", {"os": "rockylinux10"}, key="D42D0685"), keys_by_system),
    Trap("keys", _drop("keys", "since", {"id": "D42D0685"}), keys_rotated_in_2022),
    Trap("keys", _set("folders", {"arch": "arm64"}, folder="aarch64"), arm64_is_called_sbsa),
    Trap("cuda", _without("loose_wheels", {"wheel": "nvidia-cuda-crt"}), crt_headers_drift),
    Trap("emulators", _set("emulators", {"qemu": "7.2"}, runs_torch=True), qemu_crashes),
]


@pytest.mark.parametrize("trap", TRAPS, ids=lambda trap: trap.check.__name__)
def test_the_facts_know_the_trap(trap: Trap) -> None:
    trap.check()


@pytest.mark.parametrize("trap", TRAPS, ids=lambda trap: trap.check.__name__)
def test_a_wrong_table_turns_it_red(trap: Trap, plant: Callable[[str, Fault], None]) -> None:
    plant(trap.table, trap.fault)
    with pytest.raises(AssertionError):
        trap.check()


def test_no_gpu_lost_its_name() -> None:
    for host in hosts.hosts():
        gpu = gpus.find(host.gpu)
        assert (gpu.cc if gpu else None) == host.cc, host.id
