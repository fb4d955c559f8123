"""`engine` without an engine: what it says, and what it refuses."""

import socket
import threading

import pytest

from tests.scripts.conftest import Engine, free_port


def test_status_of_nothing_is_down(engine: Engine) -> None:
    done = engine.run("status")
    assert done.returncode == 1
    assert "engine    down" in done.stdout
    assert "registry  down" in done.stdout


def test_environment_of_nothing_is_an_error(engine: Engine) -> None:
    done = engine.run("env")
    assert (done.returncode, done.stdout) == (1, "")


def test_down_of_nothing_does_nothing(engine: Engine) -> None:
    assert engine.run("down").returncode == 0
    assert [path.name for path in engine.state.iterdir()] == ["lock"]


def test_without_a_docker_the_host_kind_says_what_is_missing(engine: Engine) -> None:
    done = engine.run("up", CIB_ENGINE="host", DOCKER_HOST=f"unix://{engine.state}/none.sock")
    assert done.returncode == 10
    assert "no Docker engine answers" in done.stderr


@pytest.mark.parametrize("state", ["relative", "/tmp/with space", '/tmp/quo"te', f"/tmp/{'long' * 20}"])
def test_a_state_folder_that_cannot_work_is_refused(engine: Engine, state: str) -> None:
    done = engine.run("up", CIB_STATE=state)
    assert done.returncode == 10
    assert "fix:" in done.stderr


def test_an_unknown_command_prints_the_usage(engine: Engine) -> None:
    done = engine.run("start")
    assert done.returncode == 2
    assert "engine up" in done.stderr


@pytest.mark.engine
def test_a_port_that_is_no_registry_is_refused(engine: Engine) -> None:
    with socket.create_server(("127.0.0.1", engine.port)) as server:
        threading.Thread(target=hang_up, args=(server,), daemon=True).start()
        done = engine.run("up")
        server.shutdown(socket.SHUT_RDWR)
    assert done.returncode == 20
    assert "not a registry" in done.stderr


def hang_up(server: socket.socket) -> None:
    while True:
        try:
            server.accept()[0].close()
        except OSError:
            return


@pytest.mark.engine
def test_a_foreign_registry_is_used_and_left_alone(engine: Engine) -> None:
    other = Engine(engine.state / "other", engine.port)
    other.up()
    try:
        engine.up()
        assert "not started by us" in engine.run("status").stdout
        assert engine.run("down").returncode == 0
        assert "ours" in other.run("status").stdout
        assert other.run("status").returncode == 0
    finally:
        assert other.run("down").returncode == 0


@pytest.mark.engine
def test_the_hosts_docker_is_used_and_left_alone(engine: Engine) -> None:
    engine.up()
    guest = Engine(engine.state / "guest", free_port(), "host")
    up = guest.run("up", DOCKER_HOST=engine.socket)
    assert up.returncode == 0, up.stderr
    assert "the host's" in up.stdout
    assert "DOCKER_HOST" not in guest.run("env").stdout
    assert guest.run("down", DOCKER_HOST=engine.socket).returncode == 0
    assert engine.run("status").returncode == 0
