"""How long a smoke test takes, beside a bare container that does nothing but import torch and start CUDA.

The figures are written down, not asserted: a busy host is no defect.
"""

import os
import statistics
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from builder.engine.containers import run_probe
from builder.engine.gpus import lease, together
from builder.model.probe import GpuAccess
from builder.model.receipt import Receipt

from .conftest import Bench, failed

pytestmark = pytest.mark.gpu

_BARE = b"import torch; torch.zeros(1, device='cuda'); torch.cuda.synchronize()"


def _seconds(work: Callable[[], object]) -> float:
    begin = time.monotonic()
    work()
    return time.monotonic() - begin


def test_a_smoke_test_beside_a_bare_container(bench: Bench, written: dict[str, str]) -> None:
    seen: list[Receipt] = []

    def quick() -> None:
        seen.append(bench.test())
        assert failed(seen[-1]) == {}

    def bare() -> None:
        run = run_probe(
            bench.docker, bench.image, bench.platform, program=_BARE, expectation="", gpu=bench.gpus[0]
        )
        assert run.exit == 0, run

    quick()  # fills the page cache for both
    alone, probed = [], []
    for _ in range(3):
        alone.append(_seconds(bare))
        probed.append(_seconds(quick))
    full = _seconds(lambda: bench.test(profile="full"))
    median, bare_median = statistics.median(probed), statistics.median(alone)
    written["GPU"] = seen[-1].host["gpu"]
    written["bare container: import torch, CUDA init"] = f"{bare_median:.2f} s"
    written["smoke test, quick"] = (
        f"{median:.2f} s, {median / bare_median:.2f} times the bare container (at most 2.0)"
    )
    slowest = sorted(seen[-1].checks, key=lambda check: check.milliseconds, reverse=True)[:16]
    written["milliseconds of its slowest checks"] = ", ".join(
        f"{check.id} {check.milliseconds}" for check in slowest
    )
    written["smoke test, full"] = f"{full:.2f} s (at most 60)"


def test_the_full_profile_with_nothing_in_memory(bench: Bench, written: dict[str, str]) -> None:
    """Cold is after the kernel forgot the image's files: 3 is for pages, dentries and inodes (proc(5))."""
    os.sync()
    Path("/proc/sys/vm/drop_caches").write_text("3")
    seen: list[Receipt] = []
    taken = _seconds(lambda: seen.append(bench.test(profile="full")))
    assert failed(seen[0]) == {}
    written["smoke test, full, cold"] = f"{taken:.2f} s (at most 60)"


def test_images_spread_over_the_gpus(bench: Bench, written: dict[str, str]) -> None:
    """As `smoke` does it: a GPU is leased for each test, and one more image waits for each GPU."""
    count, images = len(bench.gpus), 3 * len(bench.gpus)

    def seconds(gpus: tuple[GpuAccess, ...]) -> float:
        used: list[str] = []

        def one(_number: int) -> None:
            with lease(gpus, bench.scratch) as gpu:
                assert failed(bench.test(gpu=gpu)) == {}
                used.append(gpu.device)

        def all_of_them() -> None:
            with ThreadPoolExecutor(2 * len(gpus)) as pool:
                list(pool.map(one, range(images)))

        taken = _seconds(all_of_them)
        assert len(set(used)) == len(gpus)
        return taken

    seconds(bench.gpus)  # what is read from disk for the first time counts for nobody
    alone, spread = seconds(bench.gpus[:1]), seconds(bench.gpus)
    written[f"{images} images on {count} GPUs"] = (
        f"{spread:.1f} s, on one GPU {alone:.1f} s: {alone / spread / count:.2f} of ideal (at least 0.85)"
    )


def test_a_gpu_that_somebody_fills_is_refused(bench: Bench) -> None:
    with filled():
        assert "driver.memory" in failed(bench.test())


@contextmanager
def filled() -> Iterator[None]:
    """Another process holds all but half a gigabyte of the first GPU."""
    code = (
        "import sys, torch; size = torch.cuda.mem_get_info(0)[0] - (512 << 20)\n"
        "held = torch.empty(size, dtype=torch.uint8, device='cuda:0')\n"
        "print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(["python3", "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdin
        assert other.stdout
        assert other.stdout.readline() == b"held\n"
        yield
        other.stdin.close()


def test_all_gpus_of_the_host_in_one_container(bench: Bench) -> None:
    access = together(bench.gpus)
    assert failed(bench.test(gpu=access, profile="full", gpus=access.count)) == {}
