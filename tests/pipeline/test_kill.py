"""bake can be killed at any moment: the next run finishes it, with the digests of an undisturbed run."""

import contextlib
import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from builder.model.digest import Digest
from builder.pipeline.staging.plan import plan
from builder.registry import Registry
from tests.pipeline.conftest import CPU, CUDA, Family, make_family
from tests.servers.registry import RegistryServer

pytestmark = pytest.mark.engine

ROUNDS = 5
ROOT = Path(__file__).parents[2]


def start(family: Family) -> subprocess.Popen[bytes]:
    # A runner of tests may ignore SIGINT, and what it starts would inherit that.
    command = ["env", "--default-signal=INT", sys.executable, "-m", "builder", "bake", "-f", str(family.file)]
    command.append("--release")
    return subprocess.Popen(command, cwd=ROOT, start_new_session=True, stdout=subprocess.DEVNULL)


def digests(family: Family) -> dict[str, Digest | None]:
    work = family.work()
    with Registry() as registry:
        return {step.build.name: step.staged for step in plan(registry, work.builds, work.terms)}


def released(family: Family) -> dict[str, Digest]:
    repository = family.server.repository("acme/cuda")
    with Registry() as registry:
        tags = [tag for tag in registry.tags(repository) if tag.startswith(("cpu-", "13."))]
        return {tag: registry.manifest(repository.tag(tag)).digest for tag in tags}


def test_killed_at_random_moments(
    family: Callable[..., Family], shared_server: RegistryServer, tmp_path: Path
) -> None:
    undisturbed = make_family(tmp_path / "undisturbed", shared_server, CPU, CUDA)
    assert start(undisturbed).wait(600) == 0
    disturbed = family(CPU, CUDA)
    moments = random.Random(20261121)
    for _ in range(ROUNDS):
        process = start(disturbed)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(moments.uniform(0.5, 8))
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    assert start(disturbed).wait(600) == 0
    assert digests(disturbed) == digests(undisturbed)
    assert None not in digests(disturbed).values()
    assert released(disturbed) == released(undisturbed)
    assert released(disturbed)


def test_an_interrupt_ends_with_130_and_leaves_the_rest_to_the_next_run(
    family: Callable[..., Family],
) -> None:
    made = family(CPU, CUDA)
    process = start(made)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(2.5)
    os.killpg(process.pid, signal.SIGINT)
    assert process.wait(60) == 130
    assert start(made).wait(600) == 0
    assert None not in digests(made).values()
