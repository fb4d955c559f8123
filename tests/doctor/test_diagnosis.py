"""The judgement from evidence to ailment, where no container is needed to show it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builder.doctor.image.diagnosis import diagnose
from builder.doctor.image.evidence import Circumstances, Cudart, Evidence, Libcuda, Nvml, Torch, evidence
from builder.report import diagnosis as report

AROUND = Circumstances("580.95.05", "toolkit 1.18.0")
NODES = {"/dev/nvidia0": "ok", "/dev/nvidiactl": "ok", "/dev/nvidia-uvm": "ok"}
H200 = Libcuda(0, "/usr/lib/x86_64-linux-gnu/libcuda.so.1", True, "13.0", ("9.0 NVIDIA H200",))
TORCH = Torch("2.11.0+cu130", "13.0", ("sm_80", "sm_90", "compute_90"), available=True, works=True)
SOUND = Evidence(
    devices=NODES,
    module="580.95.05",
    nvml=Nvml(0, 1),
    libcuda=H200,
    cudart=Cudart("/usr/local/cuda/lib64/libcudart.so.13", "13.0", 0),
    torch=TORCH,
)
ENGINE = {
    "require-cuda": (
        "nvidia-container-cli: requirement error: unsatisfied condition: cuda>=13.0, please update"
    ),
    "stale-cdi": "CDI device injection failed: unresolvable CDI devices nvidia.com/gpu=0: unknown",
    "toolkit-missing": 'could not select device driver "" with capabilities: [[gpu]]',
    "not-started": "OCI runtime create failed: something else",
}


def named(seen: Evidence, around: Circumstances = AROUND) -> str:
    found = diagnose(seen, around).ailment
    return found.id if found else ""


def changed(**parts: object) -> Evidence:
    values = {name: getattr(SOUND, name) for name in Evidence.__dataclass_fields__}
    return Evidence(**values | parts)


def test_nothing_is_wrong_where_everything_works() -> None:
    found = diagnose(SOUND, AROUND)
    assert found.ailment is None
    assert "CUDA is available" in report.text("image", found)
    assert json.loads(report.as_json("image", found))["available"] is True


@pytest.mark.parametrize("ailment", ENGINE)
def test_the_words_of_engines_and_of_the_toolkit(ailment: str) -> None:
    assert named(Evidence(unseen=ENGINE[ailment], exit=125)) == ailment


def test_an_image_without_python() -> None:
    assert (
        named(Evidence(unseen='exec: "python3": executable file not found in $PATH', exit=127)) == "no-python"
    )


def test_the_lowest_layer_is_named() -> None:
    """Everything above fails too, and none of that is the cause."""
    cpu_only = Torch("2.11.0+cpu")
    blind = Libcuda(999, "/usr/lib/x86_64-linux-gnu/libcuda.so.1", True, "13.0")
    nodes = {name: answer for name, answer in NODES.items() if "uvm" not in name}
    assert named(changed(torch=cpu_only)) == "torch-cpu-only"
    assert named(changed(torch=cpu_only, libcuda=blind)) == "driver-error"
    assert named(changed(torch=cpu_only, libcuda=blind, devices=nodes)) == "uvm-missing"


def test_nvidia_smi_is_told_apart_in_one_screen() -> None:
    blind = Libcuda(100, "/usr/lib/x86_64-linux-gnu/libcuda.so.1", True, "13.0")
    text = report.text(
        "acme/cuda:one", diagnose(changed(libcuda=blind, variables={"CUDA_VISIBLE_DEVICES": ""}), AROUND)
    )
    assert "nvidia-smi works" in text
    assert "CUDA_VISIBLE_DEVICES is ''" in text
    assert "hidden-by-variable" in text
    assert len(text.splitlines()) < 24
    assert max(map(len, text.splitlines())) <= 110


def test_a_newer_torch_is_told_from_a_newer_toolkit() -> None:
    old = Libcuda(0, "/usr/lib/x86_64-linux-gnu/libcuda.so.1", True, "12.8", ("9.0 NVIDIA H200",))
    wheel = "/opt/venv/lib/python3.12/site-packages/nvidia/cu13/lib/libcudart.so.13"
    assert named(changed(libcuda=old)) == "driver-too-old"
    assert named(changed(libcuda=old, cudart=Cudart(wheel, "13.0", 35))) == "torch-newer-than-driver"
    assert named(changed(libcuda=old, cudart=Cudart("", "12.8", 0))) == "torch-newer-than-driver"


def test_minor_versions_are_compatible() -> None:
    assert named(changed(cudart=Cudart("/usr/local/cuda/lib64/libcudart.so.13", "13.2", 0))) == ""


@pytest.mark.parametrize(
    ("gpu", "archs", "ailment"),
    [
        ("12.0 NVIDIA RTX 5090", ("sm_80", "sm_90"), "no-code-for-gpu"),
        ("12.0 NVIDIA RTX 5090", ("sm_80", "sm_90", "compute_90"), ""),
        ("8.6 NVIDIA A10", ("sm_80",), ""),
        ("7.0 Tesla V100", ("sm_75", "sm_80"), "no-code-for-gpu"),
        ("9.0 NVIDIA H200", ("sm_90a",), ""),
    ],
)
def test_code_reaches_the_gpu_or_does_not(gpu: str, archs: tuple[str, ...], ailment: str) -> None:
    libcuda = Libcuda(0, H200.path, True, "13.0", (gpu,))
    torch = Torch("2.11.0+cu130", "13.0", archs, available=True, works=True)
    assert named(changed(libcuda=libcuda, torch=torch)) == ailment


def test_two_cudnns_by_torchs_own_words() -> None:
    problem = "RuntimeError: cuDNN version incompatibility: compiled against (9, 10, 2), found (8, 9, 7)"
    torch = Torch("2.11.0+cu130", "13.0", ("sm_90",), available=True, problem=problem)
    assert named(changed(torch=torch, cudnn=("/a/libcudnn.so.9", "/b/libcudnn.so.9"))) == "two-cudnns"
    assert named(changed(torch=torch)) == "torch-error"


def test_windows_linux_has_one_device_of_another_name() -> None:
    around = Circumstances(path="wsl2", wsl=True)
    seen = changed(devices={"/dev/dxg": "ok"}, module="")
    assert named(seen, around) == ""
    gone = Libcuda(problem="libcuda.so.1: cannot open shared object file: No such file or directory")
    assert named(changed(devices={"/dev/dxg": "ok"}, libcuda=gone, nvml=Nvml()), around) == "wsl-no-library"


@given(st.dictionaries(st.text(max_size=12), st.text(max_size=12)), st.text(max_size=9))
def test_whatever_a_container_prints_gets_an_answer(facts: dict[str, str], status: str) -> None:
    seen = evidence([{"done": "torch", "status": status, "detail": "?", "facts": facts}, {"odd": 1}])
    assert report.text("image", diagnose(seen, AROUND))
