"""Only processes that this state folder started are ever ended."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.scripts.conftest import Engine, bash


@pytest.fixture
def stranger() -> Iterator[subprocess.Popen[bytes]]:
    """Somebody else's process."""
    with subprocess.Popen(["sleep", "600"]) as process:
        yield process
        process.kill()


@pytest.mark.parametrize("name", ["engine/dockerd.pid", "engine/containerd.pid", "registry/registry.pid"])
def test_down_spares_the_process_that_a_stale_pid_file_names(
    engine: Engine, stranger: subprocess.Popen[bytes], name: str
) -> None:
    file = engine.state / name
    file.parent.mkdir(parents=True)
    file.write_text(str(stranger.pid))
    done = engine.run("down")
    assert done.returncode == 0, done.stderr
    assert stranger.poll() is None
    assert not file.exists()


def test_a_process_is_found_and_ended_when_its_pid_file_is_lost(stranger: subprocess.Popen[bytes]) -> None:
    done = bash("end_process /nonexistent/pid 5 sleep 600", "common", "process")
    assert done.returncode == 0, done.stderr
    assert stranger.wait(5) != 0


@pytest.mark.parametrize("arguments", ["sleep", "sleep 60", "sleep 600 x", "'sleep 600'", "sleep '' 600"])
def test_the_whole_argument_list_has_to_match(stranger: subprocess.Popen[bytes], arguments: str) -> None:
    assert bash(f"has_arguments {stranger.pid} sleep 600", "common", "process").returncode == 0
    assert bash(f"has_arguments {stranger.pid} {arguments}", "common", "process").returncode != 0


@pytest.mark.engine
def test_the_same_arguments_under_another_root_are_somebody_else(tmp_path: Path) -> None:
    listed = subprocess.run(["ldd", "/bin/sleep"], capture_output=True, text=True, check=True).stdout
    for file in ["/bin/sleep", *(word for word in listed.split() if word.startswith("/"))]:
        copy = tmp_path / file[1:]
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, copy)
    with subprocess.Popen(["chroot", tmp_path, "/bin/sleep", "600"]) as inside:
        done = bash(f"wait_until 5 grep -qz 600 /proc/{inside.pid}/cmdline", "common", "process")
        assert done.returncode == 0
        found = bash("pid_of /nonexistent/pid /bin/sleep 600", "common", "process")
        inside.kill()
    assert (found.returncode, found.stdout) == (1, "")


@pytest.mark.parametrize("pid", ["''", "0", "-1", "1x", "999999999", "$$/../1"])
def test_nonsense_in_a_pid_file_is_nobody(pid: str) -> None:
    assert bash(f"has_arguments {pid} sleep 600", "common", "process").returncode == 1
