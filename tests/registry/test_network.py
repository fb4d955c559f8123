"""Connections: proxies of the environment, addresses that are never asked, peers that only drip."""

import base64
import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpcore
import pytest

from builder.model.digest import Digest
from builder.model.reference import Repository
from builder.registry import Registry, RegistryError, Retry, UnavailableError, UnreachableError
from builder.web.stream import SteadyBackend
from tests.servers.certificates import issue
from tests.servers.fixtures import QUICK
from tests.servers.registry import RegistryServer, registry_server

_VARIABLES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in _VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@dataclass(slots=True)
class Tunnels:
    """A forward proxy that leads every name to one address, and what it was asked."""

    address: str
    heads: list[str] = field(default_factory=list)


@contextmanager
def forward_proxy(target: tuple[str, int]) -> Iterator[Tunnels]:
    """An HTTP proxy that knows only CONNECT."""

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                head += self.rfile.readline()
            tunnels.heads.append(head.decode())
            with socket.create_connection(target) as there:
                self.wfile.write(b"HTTP/1.1 200 Connected\r\n\r\n")
                back = threading.Thread(target=_pour, args=(there, self.connection), daemon=True)
                back.start()
                _pour(self.connection, there)
                back.join()

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        tunnels = Tunnels(f"127.0.0.1:{server.server_address[1]}")
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield tunnels
        server.shutdown()


def _pour(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)


def test_a_registry_behind_a_proxy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    certificate = issue(tmp_path / "tls", "registry.test")
    with registry_server(tmp_path / "registry", tls=certificate) as server:
        port = int(server.host.rpartition(":")[2])
        with forward_proxy(("127.0.0.1", port)) as proxy:
            monkeypatch.setenv("HTTPS_PROXY", f"http://me:pl%40nted@{proxy.address}")
            with Registry(replace(QUICK, ca_file=certificate.authority)) as registry:
                repository = Repository.parse("registry.test/team/image")
                descriptor = registry.put_blob(repository, b"content")
                assert registry.blob(repository, descriptor) == b"content"
    assert proxy.heads[0].startswith("CONNECT registry.test:443 ")
    assert base64.b64encode(b"me:pl@nted").decode() in proxy.heads[0]


def test_this_machine_is_never_asked_through_a_proxy(
    server: RegistryServer, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert registry.tags(server.repository("team/image")) == ()


def test_a_proxy_of_another_kind_is_named(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "socks5://me:planted@127.0.0.1:9")
    with pytest.raises(UnreachableError, match="socks5 proxy") as caught:
        registry.tags(Repository.parse("registry.test/team/image"))
    assert "planted" not in f"{caught.value} {caught.value.fix}"


def test_an_unknown_host_is_asked_once(registry: Registry) -> None:
    with pytest.raises(UnreachableError, match="host name is not known"):
        registry.tags(Repository.parse("registry.invalid/team/image"))
    assert registry.requests.total == 1


def test_another_hosts_trouble_is_not_this_ones(registry: Registry) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        closed = Repository(f"127.0.0.1:{listener.getsockname()[1]}", "team/image")
    try:
        registry.tags(Repository.parse("registry.invalid/team/image"))
    except UnreachableError:
        with pytest.raises(UnavailableError, match="cannot be connected to") as caught:
            registry.tags(closed)
    assert type(caught.value) is UnavailableError


def test_a_port_that_is_none(registry: Registry) -> None:
    with pytest.raises(RegistryError):
        registry.tags(Repository.parse("registry.invalid:99999/team/image"))


def test_a_closed_port_is_tried_again_and_told(registry: Registry) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        closed = f"127.0.0.1:{listener.getsockname()[1]}"
    with pytest.raises(UnavailableError, match=r"cannot be connected to \(tried 6 times\)"):
        registry.tags(Repository(closed, "team/image"))


class MetadataStream(httpcore.MockStream):
    def get_extra_info(self, info: str) -> object:
        return {"server_addr": ("169.254.169.254", 443)}[info]


class MetadataService(httpcore.MockBackend):
    """A network in which every name is the address of the cloud's metadata service."""

    def connect_tcp(self, *args: object, **settings: object) -> httpcore.NetworkStream:  # noqa: ARG002
        return MetadataStream([])


def test_a_name_that_leads_to_a_link_local_address_is_hung_up_on() -> None:
    with pytest.raises(httpcore.ConnectError, match=r"169\.254\.169\.254, which is never asked"):
        SteadyBackend(MetadataService([])).connect_tcp("registry.test", 443)


@contextmanager
def dripping(head: bytes, drip: bytes) -> Iterator[str]:
    """A server that sends `head` at once and then `drip` again and again, slowly, for ever."""

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.connection.recv(65536)
            with suppress(OSError):
                self.wfile.write(head)
                while not over.wait(0.05):
                    self.wfile.write(drip)

    over = threading.Event()
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield f"127.0.0.1:{server.server_address[1]}"
        over.set()
        server.shutdown()


DRIPS = {
    "nothing": (b"", b""),
    "a status without end": (b"HTTP/1.1 ", b"2"),
    "headers without end": (b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"),
    "a body without end": (b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n", b" "),
    "chunks without end": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
}


@pytest.mark.timeout(30)
@pytest.mark.parametrize(("head", "drip"), DRIPS.values(), ids=DRIPS.keys())
def test_a_peer_that_only_drips_is_left(head: bytes, drip: bytes) -> None:
    settings = replace(QUICK, read_seconds=0.3, retry=Retry(attempts=2, base=0.01))
    with dripping(head, drip) as host, Registry(settings) as registry, pytest.raises(UnavailableError):
        registry.manifest(Repository(host, "team/image").at(Digest.of(b"")))
