"""A token server that signs real JSON Web Tokens, which the reference registry verifies."""

import base64
import json
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from tests.servers.certificates import Certificate, issue

ISSUER = "test token server"
SERVICE = "test registry"


@dataclass(slots=True)
class TokenServer:
    """A token server at `realm`. Everybody may pull what `public` names; `users` may do all they ask for.

    `seconds` is how long tokens last. `asked` keeps the scopes of each request, `issued` the tokens.
    `refresh_tokens` are accepted in place of passwords by POST; `only_post` refuses GET, as pure OAuth 2
    servers do.
    """

    certificate: Certificate
    users: Mapping[str, str]
    public: frozenset[str] = frozenset()
    refresh_tokens: frozenset[str] = frozenset()
    seconds: int = 300
    only_post: bool = False
    realm: str = ""
    asked: list[tuple[str, ...]] = field(default_factory=list)
    issued: list[str] = field(default_factory=list)

    @property
    def registry_settings(self) -> dict[str, str]:
        """The section `auth.token` of the registry's configuration."""
        return {
            "realm": self.realm,
            "service": SERVICE,
            "issuer": ISSUER,
            "rootcertbundle": str(self.certificate.authority),
        }

    def token(self, scopes: tuple[str, ...], *, known: bool) -> str:
        """A signed token for what the asker may do of what was asked."""
        now = int(time.time())
        claims = {
            "iss": ISSUER,
            "sub": "somebody" if known else "",
            "aud": SERVICE,
            "iat": now,
            "nbf": now - 10,
            "exp": now + self.seconds,
            "jti": uuid.uuid4().hex,
            "access": [access for scope in scopes if (access := self._access(scope, known=known))],
        }
        chain = x509.load_pem_x509_certificates(self.certificate.chain.read_bytes())
        x5c = [base64.b64encode(item.public_bytes(serialization.Encoding.DER)).decode() for item in chain]
        signed = jwt.encode(
            claims, self.certificate.key.read_bytes(), algorithm="ES256", headers={"x5c": x5c}
        )
        self.issued.append(signed)
        return signed

    def _access(self, scope: str, *, known: bool) -> dict[str, Any] | None:
        kind, _, rest = scope.partition(":")
        name, _, actions = rest.rpartition(":")
        if known:
            return {"type": kind, "name": name, "actions": actions.split(",")}
        return {"type": kind, "name": name, "actions": ["pull"]} if name in self.public else None

    def answer(self, user: str | None, password: str, scopes: tuple[str, ...]) -> tuple[int, dict[str, Any]]:
        """Status and body: a token, or no."""
        self.asked.append(scopes)
        if user is not None and self.users.get(user) != password:
            return 401, {"details": "incorrect username or password"}
        return 200, {"token": self.token(scopes, known=user is not None), "expires_in": self.seconds}

    def exchange(self, form: Mapping[str, str]) -> tuple[int, dict[str, Any]]:
        """The answer to OAuth 2's POST."""
        scopes = tuple(form.get("scope", "").split())
        if form.get("grant_type") == "password":
            return self.answer(form.get("username", ""), form.get("password", ""), scopes)
        self.asked.append(scopes)
        if form.get("refresh_token") not in self.refresh_tokens:
            return 401, {"details": "unknown refresh token"}
        return 200, {"access_token": self.token(scopes, known=True), "expires_in": self.seconds}


@contextmanager
def token_server(folder: Path, **settings: Any) -> Iterator[TokenServer]:
    """A token server on a free port of 127.0.0.1."""
    server = TokenServer(issue(folder, "tokens.test"), **settings)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            query = parse_qs(urlsplit(self.path).query)
            if server.only_post:
                self._reply(405, {})
                return
            user, password = _basic(self.headers.get("Authorization"))
            self._reply(*server.answer(user, password, tuple(query.get("scope", ()))))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self._reply(*server.exchange({key: values[0] for key, values in parse_qs(body).items()}))

        def _reply(self, status: int, data: Mapping[str, Any]) -> None:
            body = json.dumps(data).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base class's name
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        server.realm = f"http://127.0.0.1:{http.server_address[1]}/token"
        thread = Thread(target=http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            http.shutdown()
            thread.join()


def _basic(header: str | None) -> tuple[str | None, str]:
    if not header or not header.startswith("Basic "):
        return None, ""
    user, _, password = base64.b64decode(header.removeprefix("Basic ")).decode().partition(":")
    return user, password
