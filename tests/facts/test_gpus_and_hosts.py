from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builder.facts import gpus, hosts, keys, systems
from builder.facts.hosts import HostStatus


@pytest.mark.parametrize(
    ("name", "gpu"),
    [
        ("V100", "V100"),
        ("Tesla V100-SXM2-16GB", "V100"),
        ("NVIDIA A100-SXM4-80GB", "A100 80GB"),
        ("NVIDIA A100 80GB PCIe", "A100 80GB"),
        ("NVIDIA A100-PCIE-40GB", "A100 40GB"),
        ("a100", "A100 40GB"),
        ("NVIDIA A10-24Q", "A10"),
        ("NVIDIA A10G", "A10G"),
        ("NVIDIA H100 80GB HBM3", "H100"),
        ("NVIDIA H200", "H200"),
        ("NVIDIA H20", "H20"),
        ("NVIDIA GB200", "GB200"),
        ("NVIDIA B200", "B200"),
        ("NVIDIA L4", "L4"),
        ("NVIDIA L40S", "L40S"),
        ("Tesla T4", "T4"),
        ("NVIDIA GeForce RTX 3090 Ti", "RTX 30xx"),
        ("NVIDIA GeForce RTX 4090", "RTX 40xx"),
        ("NVIDIA GeForce RTX 5090", "RTX 50xx"),
        ("NVIDIA GeForce GTX 1080 Ti", "GTX 10xx"),
        ("NVIDIA GeForce RTX 2080 Ti", "RTX 20xx / Quadro RTX 4000-8000 / GTX 16xx"),
        ("Quadro RTX 6000", "RTX 20xx / Quadro RTX 4000-8000 / GTX 16xx"),
        ("NVIDIA RTX A6000", "RTX A2000-A6000"),
        ("NVIDIA RTX 6000 Ada Generation", "RTX 6000/5000/4500/4000 Ada"),
        ("NVIDIA RTX 4000 Ada Generation", "RTX 6000/5000/4500/4000 Ada"),
        ("NVIDIA RTX PRO 6000 Blackwell Server Edition", "RTX PRO 6000 Blackwell Server Edition"),
        (
            "NVIDIA RTX PRO 6000 Blackwell Workstation Edition",
            "RTX PRO 6000/5000/4500/4000/2000 Blackwell",
        ),
        ("NVIDIA GB10", "GB10 (DGX Spark)"),
        ("Orin (nvgpu)", "Jetson AGX Orin / Orin NX / Orin Nano"),
        ("NVIDIA Thor", "Jetson AGX Thor (T5000/T4000)"),
    ],
)
def test_gpus_by_the_names_people_see(name: str, gpu: str) -> None:
    found = gpus.find(name)
    assert found is not None
    assert found.name == gpu


def test_every_gpu_is_found_by_its_own_name() -> None:
    for gpu in gpus.gpus():
        assert gpus.find(gpu.name) == gpu


@given(st.text(max_size=40))
def test_any_name_has_an_answer(name: str) -> None:
    gpus.find(name)
    gpus.nearest(name)
    hosts.find(name)


def test_a_capability_stands_for_all_gpus_that_have_it() -> None:
    found = gpus.find("sm_90")
    assert found is not None
    assert (found.cc, found.arches) == ("9.0", ("amd64", "arm64"))
    assert found.first_branch == 525
    assert found.module is None
    assert gpus.find("1.3") is None


def test_what_volta_can_have() -> None:
    found = gpus.find("V100")
    assert found is not None
    assert (found.last_cuda, found.last_branch, found.module) == ("12.9", 580, "proprietary")
    assert "first_branch" in found.unverified


def test_unknown_gpus_have_neighbours() -> None:
    assert gpus.find("H250") is None
    assert "H200" in gpus.nearest("H250")


def test_hosts_whatever_their_case() -> None:
    found = hosts.find("Azure:standard_nc24ads_a100_v4")
    assert found is not None
    assert (found.gpu, found.gpus, found.arch, found.driver) == ("A100 80GB", 1, "amd64", "580.159.04")
    assert "driver" in found.unverified


def test_retired_hosts() -> None:
    found = hosts.find("azure:Standard_NC6s_v3")
    assert found is not None
    assert (found.status, found.retired) == (HostStatus.RETIRED, date(2025, 9, 30))


def test_hosts_with_attached_gpus() -> None:
    found = hosts.find("gcp:n1-standard-8+nvidia-tesla-v100")
    assert found is not None
    assert (found.gpu, found.gpus) == ("V100", None)
    assert hosts.find("gcp:n1-standard-8") is None


def test_parts_of_a_gpu_and_gpus_without_cuda() -> None:
    part = hosts.find("azure:Standard_NV6ads_A10_v5")
    other = hosts.find("azure:Standard_ND96isr_MI300X_v5")
    assert part is not None
    assert other is not None
    assert (part.gpus, part.share) == (None, "1/6")
    assert part.has_cuda
    assert not other.has_cuda


def test_unknown_hosts_have_neighbours() -> None:
    assert hosts.find("azure:Standard_NC24ads_A100") is None
    assert hosts.nearest("azure:Standard_NC24ads_A100")[0] == "azure:Standard_NC24ads_A100_v4"


def test_systems() -> None:
    debian = systems.system("debian12")
    azure = systems.system("azl3")
    assert debian is not None
    assert azure is not None
    assert (debian.image, debian.python, debian.glibc) == ("docker.io/library/debian:12-slim", "3.11", "2.36")
    assert debian.is_eol(date(2026, 7, 12))
    assert not debian.is_eol(date(2026, 7, 11))
    assert not azure.is_eol(date(2099, 1, 1))
    assert azure.unverified == {"eol", "glibc", "image", "python"}
    assert systems.nearest("ubunto24.04")[0] == "ubuntu24.04"


def test_no_image_is_latest() -> None:
    for system in systems.systems():
        name, _, tag = system.image.rpartition(":")
        assert name
        assert tag != "latest"
        assert "/" not in tag


def test_keys_however_long_they_are_written() -> None:
    for text in ("3bf863cc", "3bf863cc.pub", "A4B469963BF863CC", "EB693B3035CD5710E231E123A4B469963BF863CC"):
        known = keys.key(text)
        assert known is not None
        assert known.id == "3BF863CC"
    assert keys.key("00000000") is None


def test_only_what_was_verified_is_a_pin() -> None:
    known, doubted = keys.pin("ubuntu26.04"), ("debian13", "suse16")
    assert known is not None
    assert known[0].fingerprint == known[1] == "14BAFBC7562AD710CA04E69905FBB6DA60DF8A40"
    assert [keys.pin(os) for os in (*doubted, "fedora43", "plan9")] == [None] * 4


def test_every_repository_has_a_known_key_and_every_system_its_repository() -> None:
    for system in systems.systems():
        known = keys.repository(system.name)
        assert (known.folder if known else None) == system.cuda_repo
        assert known is None or keys.key(known.key) is not None


def test_what_the_repositories_lack() -> None:
    debian = keys.repository("debian13")
    amd64_only = keys.repository("cm2")
    assert debian is not None
    assert amd64_only is not None
    assert (debian.first_cuda, debian.unverified) == ("13.1", frozenset({"arches", "key"}))
    assert amd64_only.path("arm64") is None
    assert keys.signing("plan9", date(2026, 1, 1)) is None
