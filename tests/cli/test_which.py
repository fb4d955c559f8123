"""Which images run where: of the family itself, and on this machine by an nvidia-smi that is made up."""

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from builder.cli.app import run

ROOT = Path(__file__).parents[2]
FAMILY = ROOT / "matrix.yaml"
FLAVORS = ("base", "runtime", "cudnn-runtime", "devel")
SYSTEMS = ("ubuntu24.04", "ubuntu22.04", "rockylinux9")


def _which(capsys: pytest.CaptureFixture[str], *words: str, file: Path = FAMILY) -> dict[str, Any]:
    assert run(["which", "-f", str(file), "--format", "json", *words]) in (0, 1)
    answer: dict[str, Any] = json.loads(capsys.readouterr().out)
    return answer


def _running(answer: dict[str, Any]) -> list[str]:
    """The CUDA versions of what runs, best first."""
    tags = [image["tags"][0] for image in answer["images"] if image["runs"]]
    return list(dict.fromkeys(tag.partition(":")[2].partition("-")[0] for tag in tags))


def _layers(answer: dict[str, Any]) -> dict[str, str]:
    """What stands in the way of each CUDA version."""
    return {
        image["target"].partition("-")[0]: image["layer"] for image in answer["images"] if not image["runs"]
    }


@pytest.mark.parametrize(
    ("words", "running", "layers"),
    [
        (
            ("--gpu", "V100", "--driver", "535.161.08", "torch=2.*"),
            ["12.6.3"],
            {"12.8.1": "wheels", "12.9.2": "wheels", "13.0.3": "driver", "13.2.1": "driver"},
        ),
        (
            ("--host", "azure:Standard_NC24ads_A100_v4"),
            ["13.0.3", "12.9.2", "12.8.1", "12.6.3", "13.2.1"],
            {},
        ),
        (
            ("--host", "azure:Standard_ND128isr_NDR_GB200_v6"),
            ["13.0.3", "12.9.2", "12.8.1", "13.2.1"],
            {"12.6.3": "toolkit"},
        ),
        (
            ("--host", "azure:Standard_NV36ads_A10_v5"),
            ["12.8.1", "12.6.3", "12.9.2"],
            {"13.0.3": "driver", "13.2.1": "driver"},
        ),
    ],
)
def test_the_familys_images_for_a_machine(
    capsys: pytest.CaptureFixture[str], words: tuple[str, ...], running: list[str], layers: dict[str, str]
) -> None:
    answer = _which(capsys, *words)
    # Half of the flavors come with torch.
    assert len(answer["images"]) == (30 if "torch=2.*" in words else 60)
    assert _running(answer) == running
    assert _layers(answer) == layers
    assert all(image["why"] and image["fix"] for image in answer["images"] if not image["runs"])


def test_why_an_image_does_not_run(capsys: pytest.CaptureFixture[str]) -> None:
    answer = _which(capsys, "--host", "azure:Standard_NV36ads_A10_v5", "cuda=13.0.*", "flavor=base")
    why = "it needs driver 580.65.06 or newer, and 570.211.01 is there"
    assert {image["why"] for image in answer["images"]} == {
        f"{why}; a vGPU driver takes no forward-compatibility package"
    }


def test_the_best_comes_first_and_every_tag_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["which", "-f", str(FAMILY), "--gpu", "V100", "--driver", "535.161.08"]) == 0
    text = capsys.readouterr().out
    # Of those with torch it is 12.6.3: newer ones have no code for it.
    assert "Best: ghcr.io/acme/cuda:12.9.2-runtime-ubuntu24.04\n" in text
    assert "CUDA 13.0 has dropped compute capability 7.0" in text
    for cuda in ("12.6.3", "12.8.1", "12.9.2", "13.0.3", "13.2.1"):
        for flavor in FLAVORS:
            for system in SYSTEMS:
                assert f"{cuda}-{flavor}-{system}" in text


def test_nothing_that_runs_is_a_finding(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["which", "-f", str(FAMILY), "--gpu", "K80", "--driver", "470.82.01"]) == 1
    assert "Nothing of this family runs here." in capsys.readouterr().out


def test_a_retired_size_is_said_to_be(capsys: pytest.CaptureFixture[str]) -> None:
    answer = _which(capsys, "--host", "azure:Standard_NC6s_v3")
    assert "it was retired on 2025-09-30" in answer["machines"][0]


def test_a_driver_that_nobody_checked_is_said_to_be(capsys: pytest.CaptureFixture[str]) -> None:
    answer = _which(capsys, "--host", "azure:Standard_NC24ads_A100_v4")
    assert "driver 580.159.04 (not checked)" in answer["machines"][0]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--host", "azure:Standard_NC24ads_A100_v5"), 3, "did you mean azure:Standard_NC24ads_A100_v4"),
        (("--gpu", "no such card"), 3, "there is no GPU"),
        (("--gpu", "VV100"), 3, "did you mean V100"),
        (("--gpu", "V100", "--driver", "newest"), 3, "`newest` is no version of a driver"),
        (("--gpu", "V100", "--platform", "linux/arm64"), 3, "only on amd64"),
        (("--gpu", "V100", "--platform", "arm"), 3, "is not a platform"),
        (("--gpu", "V100", "--host", "azure:X"), 2, "two machines"),
        (("--gpu", "V100", "cuda=11.*"), 3, "nothing is selected"),
        (("--gpu", "V100", "cude=11.*"), 3, "no axis"),
    ],
)
def test_what_cannot_be_answered(
    capsys: pytest.CaptureFixture[str], words: tuple[str, ...], code: int, said: str
) -> None:
    assert run(["which", "-f", str(FAMILY), *words]) == code
    assert said in capsys.readouterr().err


def _nvidia_smi(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    program = folder / "nvidia-smi"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    monkeypatch.setattr("os.uname", lambda: _Uname("x86_64"))


class _Uname:
    def __init__(self, machine: str) -> None:
        self.machine = machine


def test_this_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    line = "NVIDIA H200, 9.0, 580.126.20"
    _nvidia_smi(tmp_path, monkeypatch, f'echo "{line}"; echo "{line}"')
    answer = _which(capsys)
    assert answer["machines"] == [
        "NVIDIA H200: NVIDIA H200 (compute capability 9.0), amd64, driver 580.126.20"
    ]
    assert _running(answer)[0] == "13.0.3"


def test_an_image_has_to_run_on_every_gpu_of_this_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _nvidia_smi(
        tmp_path,
        monkeypatch,
        'echo "NVIDIA H100, 9.0, 580.95.05"; echo "Tesla V100-SXM2-16GB, 7.0, 580.95.05"',
    )
    answer = _which(capsys, "torch=2.*")
    assert len(answer["machines"]) == 2
    assert _running(answer) == ["12.6.3"]


def test_an_nvidia_smi_that_does_not_know_capabilities(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _nvidia_smi(tmp_path, monkeypatch, 'echo "Tesla V100-SXM2-16GB, [N/A], 535.161.08"')
    assert _running(_which(capsys, "torch=2.*")) == ["12.6.3"]


@pytest.mark.parametrize(
    ("script", "said"),
    [
        (
            "echo 'NVIDIA-SMI has failed because it could not communicate with the driver'; exit 9",
            "communicate",
        ),
        ("exit 0", "shows no GPU"),
        ("echo 'Unknown card, [N/A], 535.1'", "says `Unknown card"),
        ("echo nonsense", "says `nonsense`"),
    ],
)
def test_an_nvidia_smi_that_fails(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    script: str,
    said: str,
) -> None:
    _nvidia_smi(tmp_path, monkeypatch, script)
    assert run(["which", "-f", str(FAMILY)]) == 10
    said_all = capsys.readouterr().err
    assert said in said_all
    assert "--host" in said_all


def test_a_machine_without_a_driver(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert run(["which", "-f", str(FAMILY)]) == 10
    assert "no nvidia-smi" in capsys.readouterr().err


def test_images_without_cuda_run_anywhere(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "matrix.yaml"
    file.write_text(
        "release: x.io/a\nstaging: x.io/b\ninclude: [{cuda: cpu, os: debian13}]\n"
        'tags: {release: "{cuda}-{epoch:%Y%m%d}"}\n'
    )
    answer = _which(capsys, "--gpu", "K80", "--driver", "470.82.01", file=file)
    (image,) = answer["images"]
    # Neither a rolling tag nor a lock, which knows the epoch: the target's name is all there is.
    assert (image["runs"], image["tags"]) == (True, ["cpu-base-debian13-py3.13"])
