"""An engine killed with everything it had going is put right by the next `up`."""

import json
import os
import re
import signal
import subprocess
import tarfile
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.scripts.conftest import SCRIPTS, Engine

pytestmark = pytest.mark.engine


def processes(word: str) -> list[int]:
    """Processes with this word in their arguments."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if word.encode() in path.read_bytes():
                found.append(int(path.parent.name))
        except OSError:
            continue
    return found


def runs(pid: int) -> bool:
    """An ended process that nobody has reaped yet has no arguments left."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes() != b""
    except OSError:
        return False


def mounts(engine: Engine) -> list[str]:
    return [
        line for line in Path("/proc/self/mountinfo").read_text().splitlines() if f"{engine.state}/" in line
    ]


@pytest.fixture
def image(engine: Engine) -> str:
    """An image that can sleep, without asking any registry for one."""
    archive = engine.state / "image.tar"
    shell = subprocess.run(["ldd", "/bin/sleep"], capture_output=True, text=True, check=True).stdout
    libraries = [word for word in shell.split() if word.startswith("/")]
    with tarfile.open(archive, "w", dereference=True) as tar:
        for path in ["/bin/sleep", *libraries]:
            tar.add(path)
    engine.up()
    engine.docker("import", str(archive), "sleeper:1")
    return "sleeper:1"


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)


def test_up_is_idempotent_and_down_leaves_nothing(engine: Engine) -> None:
    engine.up()
    first = engine.pid()
    engine.up()
    assert engine.pid() == first
    status = engine.run("status")
    assert status.returncode == 0
    # None where this machine lets nobody make one; other tests' engines have theirs meanwhile.
    bridges = [Path("/sys/class/net", name) for name in re.findall(r"network (cib\w+)", status.stdout)]
    assert all(bridge.exists() for bridge in bridges)
    assert f"export DOCKER_HOST={engine.socket}\n" in engine.run("env").stdout
    assert engine.run("down").returncode == 0
    assert processes(str(engine.state)) == []
    assert mounts(engine) == []
    assert not any(bridge.exists() for bridge in bridges)
    assert engine.run("env").returncode == 1


def test_containers_and_mounts_of_a_killed_engine_are_cleared(engine: Engine, image: str) -> None:
    container = engine.docker("run", "--detach", "--network=none", image, "/bin/sleep", "4242")
    inner = int(engine.docker("inspect", "--format", "{{.State.Pid}}", container))
    first = engine.pid()
    kill(first)
    assert runs(inner), "containers outlive a killed engine: that is the point"
    engine.up()
    assert engine.pid() != first
    assert not runs(inner)
    assert engine.docker("inspect", "--format", "{{.State.Running}}", container) == "false"
    assert engine.docker("run", "--rm", "--network=none", image, "/bin/sleep", "0") == ""


def test_down_after_a_kill_leaves_nothing(engine: Engine, image: str) -> None:
    container = engine.docker("run", "--detach", "--network=none", image, "/bin/sleep", "4242")
    inner = int(engine.docker("inspect", "--format", "{{.State.Pid}}", container))
    kill(engine.pid())
    assert engine.run("down").returncode == 0
    assert not runs(inner)
    assert processes(str(engine.state)) == []
    assert mounts(engine) == []


def test_down_takes_away_what_a_killed_seeding_had_mounted(engine: Engine) -> None:
    inside = engine.state / "rootfs/mmdebstrap.x/sys"
    inside.mkdir(parents=True)
    subprocess.run(["mount", "--types", "tmpfs", "none", inside], check=True)
    (inside / "file").touch()
    assert engine.run("down").returncode == 0
    assert mounts(engine) == []
    assert not (engine.state / "rootfs").exists()


def test_a_stale_pid_file_and_socket_do_not_stop_up(engine: Engine) -> None:
    engine.up()
    kill(engine.pid())
    with subprocess.Popen(["sleep", "600"]) as stranger:
        (engine.state / "engine/dockerd.pid").write_text(str(stranger.pid))
        engine.up()
        assert stranger.poll() is None
        stranger.kill()


@pytest.mark.parametrize(
    "moment", ["lock", "engine/daemon.json", "engine/dockerd.pid", "registry/config.yml"]
)
def test_up_killed_half_way_is_finished_by_the_next(engine: Engine, moment: str) -> None:
    command = [str(SCRIPTS / "engine"), "up"]
    with subprocess.Popen(command, env=engine.environment(), stdout=subprocess.DEVNULL) as process:
        while not (engine.state / moment).exists() and process.poll() is None:
            time.sleep(0.001)
        process.kill()
    engine.up()
    assert engine.run("status").returncode == 0
    assert len(processes(f"{engine.state}/engine/daemon.json")) == 1
    assert len(processes(f"{engine.state}/registry/config.yml")) == 1


def test_rules_that_a_firewall_reload_dropped_come_back(engine: Engine) -> None:
    engine.up()
    chain = next(
        line.split()[-1]
        for line in subprocess.run(
            ["iptables", "-S", "FORWARD"], capture_output=True, text=True, check=True
        ).stdout.splitlines()
        if bridge_of(engine).removeprefix("cib") in line
    )
    subprocess.run(["iptables", "-D", "FORWARD", "-j", chain], check=True)
    engine.up()
    assert subprocess.run(["iptables", "-C", "FORWARD", "-j", chain], check=False).returncode == 0


def bridge_of(engine: Engine) -> str:
    return str(json.loads((engine.state / "engine/daemon.json").read_text())["bridge"])


def test_a_half_written_registry_is_mended(engine: Engine, tmp_path: Path) -> None:
    engine.up()
    tar = tmp_path / "amd64.tar"
    with tarfile.open(tar, "w") as archive:
        archive.add(__file__, "file")
    push = [
        str(SCRIPTS / "lib/oci.py"),
        "push",
        f"127.0.0.1:{engine.port}/a/b:1",
        "--epoch",
        "1",
        f"amd64={tar}",
    ]
    subprocess.run(["python3", *push], check=True, capture_output=True)
    url = f"http://127.0.0.1:{engine.port}/v2/a/b/manifests/1"
    assert status(url) == 200
    kill(int((engine.state / "registry/registry.pid").read_text()))
    data = engine.state / "registry/data/docker/registry/v2"
    (data / "repositories/a/b/_manifests/tags/1/current/link").write_text("")
    upload = data / "repositories/a/b/_uploads/0000"
    upload.mkdir(parents=True)
    layer = max(data.glob("blobs/sha256/*/*/data"), key=lambda path: path.stat().st_size)
    layer.write_bytes(b"")
    engine.up()
    assert status(url) == 404, "a tag without a digest is no tag"
    assert not upload.exists()
    subprocess.run(["python3", *push], check=True, capture_output=True)
    assert status(url) == 200
    assert layer.stat().st_size > 0


def status(url: str) -> int:
    accept = {"Accept": "application/vnd.oci.image.index.v1+json"}
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=accept)) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
