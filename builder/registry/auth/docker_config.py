"""Docker's config.json: stored logins, and the helper programs that keep them elsewhere."""

import base64
import binascii
import json
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from builder.model.errors import BuilderError, ExitCode
from builder.model.reference import DOCKER_HUB
from builder.registry.auth.secrets import Credential, IdentityToken, Password, RegistryToken
from builder.registry.errors import UnauthorizedError
from builder.registry.hosts import DOCKER_HUB_API

# The names docker login has used for Docker Hub; the first is the one it asks helpers with.
_HUB_KEYS = ("https://index.docker.io/v1/", "index.docker.io", DOCKER_HUB, DOCKER_HUB_API)
_HELPER_SECONDS = 30
_HELPER_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
# docker-credential-helpers' protocol: this text on either output means "no such login", which is no failure.
_NOT_FOUND = "credentials not found"
# The user name with which helpers mark a secret as an identity token.
_TOKEN_USER = "<token>"  # noqa: S105


@dataclass(frozen=True, slots=True)
class DockerConfig:
    """What `docker login` left behind. `environ` is what helpers are run with."""

    path: Path
    auths: Mapping[str, Any] = field(default_factory=dict, repr=False)
    helpers: Mapping[str, str] = field(default_factory=dict)
    store: str = ""
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)

    @classmethod
    def load(cls, environ: Mapping[str, str]) -> Self:
        """Read `$DOCKER_CONFIG/config.json` or `~/.docker/config.json`; a missing file is an empty one.

        Raises:
            BuilderError: when the file is there but cannot be read.
        """
        folder = environ.get("DOCKER_CONFIG") or Path(environ.get("HOME") or Path.home(), ".docker")
        path = Path(folder, "config.json")
        try:
            data = json.loads(path.read_bytes())
        except FileNotFoundError:
            return cls(path, environ=environ)
        except (OSError, ValueError, RecursionError) as error:
            raise _broken(path, f"it cannot be read ({type(error).__name__})") from error
        if not isinstance(data, dict):
            raise _broken(path, "it is not a JSON object")
        return cls(
            path,
            _mapping(path, data, "auths"),
            _mapping(path, data, "credHelpers"),
            str(data.get("credsStore") or ""),
            environ,
        )

    def credential(self, registry: str) -> Credential | None:
        """The login of a registry: its own helper's, else the store's, else the file's."""
        keys = _HUB_KEYS if registry == DOCKER_HUB else (registry,)
        own = next((self.helpers[key] for key in keys if key in self.helpers), None)
        if helper := own or self.store:
            return self._ask(str(helper), keys[0])
        found = (entry for key, entry in self.auths.items() if key in keys or _host(key) in keys)
        return next((login for entry in found if (login := self._login(entry))), None)

    def _login(self, entry: object) -> Credential | None:
        origin = str(self.path)
        match entry:
            case {"registrytoken": str(token)} if token:
                return RegistryToken(token, origin)
            case {"identitytoken": str(token)} if token:
                return IdentityToken(token, origin)
            case {"auth": str(auth)} if auth:
                return self._decode(auth)
            case {"username": str(username), "password": str(password)}:
                return Password(username, password, origin)
            case _:
                return None

    def _decode(self, auth: str) -> Credential:
        try:
            username, _, password = base64.b64decode(auth, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            raise _broken(self.path, "an 'auth' in it is not base64") from None
        return Password(username, password.rstrip("\0"), str(self.path))

    def _ask(self, helper: str, server: str) -> Credential | None:
        program = f"docker-credential-{helper}"
        if not _HELPER_NAME.fullmatch(helper):
            raise _broken(self.path, f"{helper!r} is no name of a credential helper")
        try:
            answer = subprocess.run(
                [program, "get"],
                input=server,
                capture_output=True,
                text=True,
                timeout=_HELPER_SECONDS,
                env=dict(self.environ),
                check=False,
            )
        except FileNotFoundError:
            raise BuilderError(
                ExitCode.TOOL_MISSING,
                f"{self.path} names the credential helper {program}, which is not on PATH",
                fix=f"Install {program}, or take it out of {self.path} and run docker login again.",
                where=server,
            ) from None
        except (OSError, subprocess.TimeoutExpired, UnicodeDecodeError) as error:
            raise _helper_failed(program, server, type(error).__name__) from None
        if answer.returncode:
            if _NOT_FOUND in (answer.stdout + answer.stderr).lower():
                return None
            raise _helper_failed(program, server, f"exit {answer.returncode}")
        return _secret(program, server, answer.stdout)


def _secret(program: str, server: str, text: str) -> Credential | None:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        data = None
    match data:
        case {"Username": str(user), "Secret": str(secret)} if user == _TOKEN_USER and secret:
            return IdentityToken(secret, program)
        case {"Username": str(username), "Secret": str(secret)}:
            return Password(username, secret, program) if username or secret else None
        case _:
            raise _helper_failed(program, server, "its answer is not the JSON of the helper protocol")


def _host(key: str) -> str:
    """`https://ghcr.io/v2/` is an older way of writing `ghcr.io`."""
    return key.removeprefix("https://").removeprefix("http://").partition("/")[0]


def _mapping(path: Path, data: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = data.get(key) or {}
    if not isinstance(value, dict):
        raise _broken(path, f"its {key!r} is not an object")
    return value


def _broken(path: Path, what: str) -> UnauthorizedError:
    return UnauthorizedError(
        what, where=str(path), fix="Repair the file, or remove it and run docker login again."
    )


def _helper_failed(program: str, server: str, why: str) -> UnauthorizedError:
    return UnauthorizedError(
        f"the credential helper {program} failed: {why}",
        where=server,
        fix=f"Run `echo {server} | {program} get` by hand; log in again where it asks for it.",
    )
