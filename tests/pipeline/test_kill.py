"""bake can be killed at any moment: the next run finishes it, with the digests of an undisturbed run."""

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest
from yaml import safe_load

from builder.model.digest import Digest
from builder.pipeline.staging.plan import plan
from builder.registry import Registry
from tests.pipeline.conftest import CPU, CUDA, Family, make_family
from tests.pipeline.tiny import tiny
from tests.servers.registry import RegistryServer

pytestmark = pytest.mark.engine

ROUNDS = 5
RELEASE = "--release"
ROOT = Path(__file__).parents[2]


def start(family: Family, *words: str) -> subprocess.Popen[bytes]:
    # A runner of tests may ignore SIGINT, and what it starts would inherit that.
    command = ["env", "--default-signal=INT", sys.executable, "-m", "builder", "bake", "-f", str(family.file)]
    return subprocess.Popen([*command, *words], cwd=ROOT, start_new_session=True, stdout=subprocess.DEVNULL)


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
    assert start(undisturbed, RELEASE).wait(600) == 0
    disturbed = family(CPU, CUDA)
    moments = random.Random(20261121)
    for _ in range(ROUNDS):
        process = start(disturbed, RELEASE)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(moments.uniform(0.5, 8))
        for pid in members(process.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.wait()
    assert start(disturbed, RELEASE).wait(600) == 0
    assert digests(disturbed) == digests(undisturbed)
    assert None not in digests(disturbed).values()
    assert released(disturbed) == released(undisturbed)
    assert released(disturbed)


def with_slow_app(family: Family, parent: str, step: int, test: int) -> Family:
    """The family with an app whose only step, which no builder knows, and whose test take so many seconds."""
    folder = family.file.parent / "slow"
    folder.mkdir()
    (folder / "Dockerfile").write_text(f"FROM {parent}\nRUN : {uuid4()} && sleep {step}\n")
    tags = {"release": "{app}-{epoch:%Y%m%d}"}
    slow = {"context": "slow", "test": ["sleep", str(test)], "tags": tags}
    family.file.write_text(json.dumps({**safe_load(family.file.read_text()), "apps": {"slow": slow}}))
    return family


def members(session: int) -> dict[int, str]:
    """The processes of a session, with their command lines."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it ended meanwhile
            words = (folder / "stat").read_text().rpartition(")")[2].split()
            if int(words[3]) == session and words[0] != "Z":
                found[int(folder.name)] = (folder / "cmdline").read_text().replace("\0", " ")
    return found


def containers(family: Family) -> list[str]:
    """The containers of a family's images, whatever state they are in."""
    command = ["docker", "ps", "--all", "--no-trunc", "--format", "{{.Image}}"]
    images = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return [image for image in images if image.startswith(f"{family.server.host}/")]


def wait_for(process: subprocess.Popen[bytes], begun: Callable[[], bool]) -> None:
    while not begun():
        assert process.poll() is None, "it ended before the moment came"
        time.sleep(0.1)


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_builds_with_130_and_leaves_the_rest_to_the_next_run(
    tmp_path: Path, server: RegistryServer, sent: signal.Signals
) -> None:
    tiny_one = Family(tiny(tmp_path / "tiny", server.host, platforms=["linux/amd64"]), server)
    made = with_slow_app(tiny_one, "cudnn-devel", 20, 0)
    assert start(made, "13*", "--no-smoke").wait(600) == 0
    process = start(made, "--no-smoke")
    wait_for(process, lambda: any("buildx bake" in words for words in members(process.pid).values()))
    os.kill(process.pid, sent)
    assert process.wait(60) == 130
    assert members(process.pid) == {}
    # It did not wait for what was running.
    assert list(digests(made).values()).count(None) == 1
    assert start(made, "--no-smoke").wait(600) == 0
    assert None not in digests(made).values()


def test_a_signal_ends_tests_and_removes_their_containers(family: Callable[..., Family]) -> None:
    made = with_slow_app(family(CPU), "base", 0, 20)
    assert start(made, "--no-smoke").wait(600) == 0
    (slow,) = (str(digest) for name, digest in digests(made).items() if name.startswith("slow"))
    process = start(made)
    wait_for(process, lambda: any(image.endswith(slow) for image in containers(made)))
    os.kill(process.pid, signal.SIGTERM)
    assert process.wait(60) == 130
    assert members(process.pid) == {}
    assert containers(made) == []
    assert start(made).wait(600) == 0
