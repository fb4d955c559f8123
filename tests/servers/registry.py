"""The reference registry, as a process on a free port with its storage in a folder of the test."""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bcrypt

from builder.model.reference import Repository
from tests.servers.certificates import Certificate
from tests.servers.processes import running
from tests.servers.token_server import TokenServer

_LISTENING = re.compile(r"listening on [^\s\"]*:(\d+)")


@dataclass(frozen=True, slots=True)
class RegistryServer:
    """A registry that answers at `host`, and the folder that holds what it stores."""

    host: str
    storage: Path

    def repository(self, path: str) -> Repository:
        """A repository of this registry."""
        return Repository(self.host, path)


@contextmanager
def registry_server(
    folder: Path,
    *,
    tls: Certificate | None = None,
    users: Mapping[str, str] | None = None,
    tokens: TokenServer | None = None,
    delete: bool = True,
    read_only: bool = False,
    in_memory: bool = False,
    port: int = 0,
    access_log: bool = False,
) -> Iterator[RegistryServer]:
    """docker-registry on 127.0.0.1: plain, with TLS, with htpasswd `users` or with a token server.

    A folder that was used before still has its content, unless all was kept `in_memory`, which saves a disk
    flush for every write. `port` 0 is a free one. With `access_log`, `log` has a line for each request.
    """
    folder.mkdir(parents=True, exist_ok=True)
    config: dict[str, Any] = {
        "version": "0.1",
        "log": {"level": "info", "accesslog": {"disabled": not access_log}},
        "storage": {
            **({"inmemory": {}} if in_memory else {"filesystem": {"rootdirectory": str(folder / "data")}}),
            "delete": {"enabled": delete},
            "maintenance": {"uploadpurging": {"enabled": False}, "readonly": {"enabled": read_only}},
        },
        "http": {"addr": f"127.0.0.1:{port}"},
    }
    if tls:
        config["http"]["tls"] = {"certificate": str(tls.chain), "key": str(tls.key)}
    if users:
        config["auth"] = {"htpasswd": {"realm": "test", "path": str(_htpasswd(folder, users))}}
    if tokens:
        config["auth"] = {"token": tokens.registry_settings}
    # JSON is YAML, and the registry reads YAML.
    settings = folder / "config.yml"
    settings.write_text(json.dumps(config))
    with running(["docker-registry", "serve", str(settings)], folder / "log", _port) as found:
        yield RegistryServer(f"127.0.0.1:{found}", folder / "data")


def _port(log: str) -> int | None:
    found = _LISTENING.search(log)
    return int(found[1]) if found else None


def _htpasswd(folder: Path, users: Mapping[str, str]) -> Path:
    # The cheapest cost that bcrypt has: the registry hashes the password anew for each request.
    lines = (
        f"{user}:{bcrypt.hashpw(word.encode(), bcrypt.gensalt(4)).decode()}" for user, word in users.items()
    )
    path = folder / "htpasswd"
    path.write_text("\n".join(lines))
    return path
