"""Each way to a GPU is found by what it leaves on a host, and one GPU serves one runner at a time."""

import json
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from builder.engine.gpus import detect, lease, together
from builder.model.probe import GpuAccess, GpuPath

CDI: dict[str, Any] = {"Runtimes": {"runc": {}}, "CDISpecDirs": ["/etc/cdi", "/var/run/cdi"]}
TOOLKIT: dict[str, Any] = {"Runtimes": {"runc": {}, "nvidia": {}}, "CDISpecDirs": ["/etc/cdi"]}


def _specification(host: Path, text: str, folder: str = "etc/cdi", name: str = "nvidia.yaml") -> None:
    (host / folder).mkdir(parents=True, exist_ok=True)
    (host / folder / name).write_text(text)


def _cdi(*names: str, kind: str = "nvidia.com/gpu") -> str:
    return json.dumps({"cdiVersion": "0.6.0", "kind": kind, "devices": [{"name": name} for name in names]})


def _driver(host: Path, count: int) -> None:
    for index in range(count):
        (host / f"proc/driver/nvidia/gpus/0000:0{index}:00.0").mkdir(parents=True)


def test_a_host_without_a_gpu_has_no_way_to_one(tmp_path: Path) -> None:
    for info in ({}, CDI, TOOLKIT):
        assert detect(info, tmp_path) == ()


def test_the_toolkit_gives_each_gpu_of_the_driver(tmp_path: Path) -> None:
    _driver(tmp_path, 2)
    assert detect(TOOLKIT, tmp_path) == (GpuAccess(GpuPath.TOOLKIT, "0"), GpuAccess(GpuPath.TOOLKIT, "1"))


def test_the_toolkit_is_known_by_its_hook_and_says_its_version(tmp_path: Path) -> None:
    _driver(tmp_path, 1)
    (tmp_path / "usr/bin").mkdir(parents=True)
    for name, text in (
        ("nvidia-container-runtime-hook", "#!/bin/sh\n"),
        ("nvidia-ctk", "#!/bin/sh\necho v1.17.4\n"),
    ):
        (tmp_path / "usr/bin" / name).write_text(text)
        (tmp_path / "usr/bin" / name).chmod(0o755)
    (gpu,) = detect(CDI, tmp_path)
    assert str(gpu) == "toolkit 1.17.4"


def test_cdi_gives_devices_by_index_and_leaves_names_for_the_same_ones(tmp_path: Path) -> None:
    _specification(tmp_path, _cdi("0", "1", "GPU-1234", "all"))
    found = detect(CDI, tmp_path)
    assert [gpu.device for gpu in found] == ["0", "1"]
    assert {gpu.path for gpu in found} == {GpuPath.CDI}
    assert str(found[0]) == "cdi 0.6.0"


def test_cdi_gives_mig_slices(tmp_path: Path) -> None:
    _specification(tmp_path, _cdi("0:0", "0:1", "all"))
    assert [gpu.device for gpu in detect(CDI, tmp_path)] == ["0:0", "0:1"]


_NAMELESS = json.dumps({"cdiVersion": "0.6.0", "kind": "nvidia.com/gpu", "devices": ["name", {}, 7]})


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "kind: [", _cdi("0", kind="vendor.com/net"), '{"kind": "nvidia.com/gpu"}', _NAMELESS],
)
def test_a_specification_that_is_none_is_no_way(tmp_path: Path, text: str) -> None:
    _specification(tmp_path, text)
    assert detect(CDI, tmp_path) == ()


def test_a_broken_specification_does_not_hide_a_good_one(tmp_path: Path) -> None:
    _specification(tmp_path, "{", name="broken.json")
    _specification(tmp_path, _cdi("0"), folder="var/run/cdi", name="nvidia.json")
    assert len(detect(CDI, tmp_path)) == 1


def test_an_engine_without_cdi_reads_no_specification(tmp_path: Path) -> None:
    _specification(tmp_path, _cdi("0"))
    assert detect({"Runtimes": {"runc": {}}}, tmp_path) == ()


def test_wsl2_is_known_by_its_device_and_its_driver(tmp_path: Path) -> None:
    (tmp_path / "dev").mkdir()
    (tmp_path / "dev/dxg").touch()
    assert detect(CDI, tmp_path) == ()
    (tmp_path / "usr/lib/wsl/lib").mkdir(parents=True)
    (tmp_path / "usr/lib/wsl/lib/libcuda.so.1").touch()
    assert detect(CDI, tmp_path) == (GpuAccess(GpuPath.WSL2, "all"),)


def test_all_gpus_go_into_one_container_together() -> None:
    gpus = [GpuAccess(GpuPath.CDI, str(index), version="0.6.0") for index in range(4)]
    assert together(gpus) == GpuAccess(GpuPath.CDI, "all", 4, "0.6.0")


def test_runners_in_one_process_share_nothing(tmp_path: Path) -> None:
    gpus = [GpuAccess(GpuPath.CDI, str(index)) for index in range(2)]
    held: set[str] = set()
    barrier = threading.Barrier(2, timeout=30)

    def runner() -> None:
        with lease(gpus, tmp_path) as gpu:
            held.add(gpu.device)
            barrier.wait()

    threads = [threading.Thread(target=runner) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert held == {"0", "1"}


def test_another_process_waits_until_the_gpu_is_free(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from builder.engine.gpus import *\n"
        f"with lease([GpuAccess(GpuPath.CDI, '0')], Path({str(tmp_path)!r})):\n"
        "    print('mine', flush=True); sys.stdin.read()"
    )
    gpu = GpuAccess(GpuPath.CDI, "0")
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout
        assert other.stdout.readline() == "mine\n"
        got = threading.Event()

        def wait() -> None:
            with lease([gpu], tmp_path):
                got.set()

        waiting = threading.Thread(target=wait)
        waiting.start()
        assert not got.wait(0.5)
        other.kill()
        waiting.join(30)
        assert got.is_set()
