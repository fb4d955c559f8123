"""How long a smoke test takes, beside a bare container that does nothing but import torch and start CUDA.

The figures are written down, not asserted: a busy host is no defect.
"""

import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from builder.engine.containers import run_probe
from builder.engine.gpus import lease

from .conftest import Bench, failed

pytestmark = pytest.mark.gpu

_BARE = b"import torch; torch.zeros(1, device='cuda'); torch.cuda.synchronize()"


def _median(runs: int, work: Callable[[], object]) -> float:
    seconds = []
    for _ in range(runs):
        begin = time.monotonic()
        work()
        seconds.append(time.monotonic() - begin)
    return statistics.median(seconds)


def test_a_smoke_test_beside_a_bare_container(bench: Bench, written: dict[str, str]) -> None:
    def bare() -> None:
        run = run_probe(
            bench.docker, bench.image, bench.platform, program=_BARE, expectation="", gpu=bench.gpus[0]
        )
        assert run.exit == 0, run

    bench.test()  # fills the page cache for both
    alone = _median(3, bare)
    quick = _median(3, bench.test)
    full = _median(1, lambda: bench.test(profile="full"))
    written["GPU"] = bench.test().host["gpu"]
    written["bare container: import torch, CUDA init"] = f"{alone:.2f} s"
    written["smoke test, quick"] = (
        f"{quick:.2f} s, {quick / alone:.2f} times the bare container (at most 2.0)"
    )
    written["smoke test, full"] = f"{full:.2f} s (at most 60)"


def test_images_spread_over_the_gpus(bench: Bench, written: dict[str, str]) -> None:
    count = len(bench.gpus)
    seen: list[str] = []

    def one(_number: int) -> None:
        with lease(bench.gpus, bench.scratch) as gpu:
            assert failed(bench.test(gpu=gpu)) == {}
            seen.append(gpu.device)

    begin = time.monotonic()
    for number in range(count):
        one(number)
    sequential = time.monotonic() - begin
    seen.clear()
    begin = time.monotonic()
    with ThreadPoolExecutor(count) as pool:
        list(pool.map(one, range(count)))
    together = time.monotonic() - begin
    assert len(set(seen)) == count
    ideal = sequential / together / count
    written[f"{count} images on {count} GPUs"] = (
        f"{together:.1f} s, one by one {sequential:.1f} s: {ideal:.2f} of ideal"
    )


def test_all_gpus_of_the_host_in_one_container(bench: Bench) -> None:
    from builder.engine.gpus import together

    access = together(bench.gpus)
    assert failed(bench.test(gpu=access, profile="full", gpus=access.count)) == {}
