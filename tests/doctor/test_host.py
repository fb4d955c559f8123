"""The doctor on machines of files: each planted fault is named, with its remedy."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from builder.doctor.check import check, sound
from builder.doctor.observation import Job, Observation, Part, State
from builder.doctor.survey import Disk, Login, Needs, Survey
from builder.engine.host.host import Host
from builder.engine.host.read import read_survey
from builder.facts import remedies
from builder.facts.table import table
from builder.report import doctor as report

from .faults import FAULTS, TODAY, HostFault
from .machine import GPU, SOUND, plant

BOTH = Needs(("linux/amd64", "linux/arm64"))
ROOM = Disk("/var/lib/docker", 200 * 10**9, 300 * 10**9)


def survey(root: Path, files: Mapping[str, str | None]) -> Survey:
    plant(root, {**SOUND, **files})
    return replace(read_survey(Host(root, "x86_64"), TODAY), disk=ROOM)


def stated(observations: tuple[Observation, ...], state: State) -> list[Observation]:
    return [one for one in observations if one.state is state]


def test_a_sound_machine_is_told_so(tmp_path: Path) -> None:
    observations = check(survey(tmp_path, {}), BOTH)
    assert {one.state for one in observations} == {State.OK}
    said = {one.part: one.what for one in observations}
    assert "580.95.05, open kernel module: 1 x NVIDIA H200" in said[Part.DRIVER]
    assert "1.18.0" in said[Part.LENDING]
    assert "28.5.2" in said[Part.ENGINE]
    assert "10.0.13" in said[Part.EMULATION]
    assert GPU in report.text(observations, frozenset(Job))
    assert "ready: bake, smoke, release" in report.text(observations, frozenset(Job))


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.id)
def test_a_planted_fault_is_named_with_its_remedy(tmp_path: Path, fault: HostFault) -> None:
    observations = check(survey(tmp_path, fault.files), Needs(fault.platforms))
    named = [one for one in stated(observations, fault.state) if one.part is fault.part]
    assert any(fault.says in one.what and fault.fix in one.fix for one in named), observations
    assert sound(observations, frozenset(Job)) is (fault.state is not State.BROKEN)
    if fault.state is State.BROKEN:
        assert {one.part for one in stated(observations, State.BROKEN)} == {fault.part}, observations


def test_an_empty_machine_says_what_is_missing(tmp_path: Path) -> None:
    observations = check(read_survey(Host(tmp_path, "x86_64"), TODAY), BOTH)
    assert [one.what for one in observations] == [
        "this machine has no NVIDIA GPU",
        "there is no docker command",
    ]
    assert all(one.fix for one in observations)


def test_files_that_make_no_sense_are_no_crash(tmp_path: Path) -> None:
    nonsense: dict[str, str | None] = {
        name: "\x00 = [ {" if not content.startswith("#!") else "#!/bin/sh\necho '[1, {'\n"
        for name, content in SOUND.items()
    }
    observations = check(survey(tmp_path, nonsense), BOTH)
    assert not sound(observations, frozenset(Job))


def test_a_program_that_cannot_run_or_never_ends_is_no_crash(tmp_path: Path) -> None:
    plant(tmp_path, {"/usr/bin/docker": "#!/nowhere/sh\n", "/usr/bin/slow": "#!/bin/sh\nexec sleep 60\n"})
    (tmp_path / "usr/bin/docker").chmod(0o755)
    host = Host(tmp_path, "x86_64")
    broken, slow = host.run("docker", "info"), host.run("slow", seconds=0.2)
    assert broken is not None
    assert broken.code == 126
    assert slow is not None
    assert slow.code == 124


def test_only_what_the_jobs_need_counts(tmp_path: Path) -> None:
    observations = check(survey(tmp_path, {"/dev/nvidia-uvm": None, "/etc/cdi/nvidia.yaml": None}), BOTH)
    assert sound(observations, frozenset((Job.BAKE, Job.RELEASE)))
    assert not sound(observations, frozenset((Job.SMOKE,)))
    assert "missing" in report.text(observations, frozenset((Job.BAKE,)))


def test_a_family_without_gpu_tests_needs_no_gpu(tmp_path: Path) -> None:
    plant(
        tmp_path, {name: text for name, text in SOUND.items() if "nvidia" not in name and "pci" not in name}
    )
    observations = check(read_survey(Host(tmp_path, "x86_64"), TODAY), Needs(("linux/amd64",), gpu=False))
    assert sound(observations, frozenset((Job.SMOKE,)))


@pytest.mark.parametrize(
    ("free", "state"), [(200, State.OK), (40, State.NOTE), (10, State.BROKEN)], ids=["much", "little", "none"]
)
def test_room_for_images(free: int, state: State) -> None:
    disk = Disk("/var/lib/docker", free * 10**9, 300 * 10**9)
    (seen,) = [one for one in check(Survey(TODAY, disk=disk), BOTH) if one.part is Part.DISK]
    assert seen.state is state


def test_logins() -> None:
    logins = (
        Login("ghcr.io", "docker-credential-pass"),
        Login("nvcr.io"),
        Login("quay.io", problem="the helper is not on PATH", fix="Install it."),
    )
    seen = [one for one in check(Survey(TODAY, logins=logins), BOTH) if one.part is Part.REGISTRY]
    assert [one.state for one in seen] == [State.OK, State.BROKEN, State.BROKEN]
    assert seen[1].fix == "docker login nvcr.io"
    assert seen[2].fix == "Install it."


def test_json_holds_everything(tmp_path: Path) -> None:
    observations = check(survey(tmp_path, {"/dev/nvidia-uvm": None}), BOTH)
    data = json.loads(report.as_json(observations, frozenset(Job)))
    assert data["jobs"] == {"bake": True, "smoke": False, "release": True}
    assert len(data["observations"]) == len(observations)
    assert all(one["fix"] for one in data["observations"] if one["state"] == "broken")


@pytest.mark.parametrize("id", ["ubuntu", "debian", "rocky", "fedora", "opensuse", "arch", "alpine"])
def test_every_distribution_gets_commands_of_its_own(id: str) -> None:  # noqa: A002
    versions = {"ubuntu": "24.04", "debian": "12", "rocky": "9.6", "fedora": "43", "opensuse": "15.6"}
    likes = {"rocky": ("rhel",), "opensuse": ("suse",)}
    here = remedies.Distribution(id, versions.get(id, ""), likes.get(id, ()), "amd64")
    assert remedies.remedy("engine", here)
    assert "{" not in remedies.remedy("driver-open", here)
    actions = [row["action"] for row in table("remedies").data["remedies"]]
    assert len(actions) == len(set(actions))


def test_an_unknown_distribution_gets_words(tmp_path: Path) -> None:
    files = {"/etc/os-release": "ID=plan9\n", "/usr/bin/docker": None}
    observations = check(survey(tmp_path, files), BOTH)
    (engine,) = stated(observations, State.BROKEN)
    assert engine.fix == "Install Docker as its documentation says, or run `scripts/engine up`."
