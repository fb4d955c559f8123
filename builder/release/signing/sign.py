"""cosign, which signs statements and checks signatures.

It is a program beside us, version 3 or newer, and never talks to the image registry: logins, proxies and
retries stay the registry client's. With a key nothing leaves this machine; without one cosign asks sigstore's
services for a certificate of whoever runs it (keyless), as CI does.
"""

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from builder.bake.recipe import canonical
from builder.engine.processes import run
from builder.model.errors import BuilderError, ExitCode
from builder.release.signing.bundle import payload, predicate_type

_SECONDS = 180
# Services that a signature with a key needs: none. Roots of trust, likewise.
_NO_SERVICES = {"mediaType": "application/vnd.dev.sigstore.signingconfig.v0.2+json"}
_NO_ROOTS = {"mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1"}


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs with a key file or a KMS URI, or keyless where `key` is empty.

    The password of a key file is COSIGN_PASSWORD.
    """

    key: str = ""

    def sign(self, statement: bytes) -> bytes:
        """The bundle of a signed statement.

        Raises:
            BuilderError: (10) without cosign, or when it does not end, (40) when it does not sign.
        """
        with _scratch(statement=statement) as folder:
            bundle = folder / "bundle"
            command = ["attest-blob", "--yes", f"--statement={folder / 'statement'}", f"--bundle={bundle}"]
            if self.key:
                command += [f"--key={self.key}", f"--signing-config={folder / 'services'}", _roots(folder)]
            _cosign(command, "it was not signed")
            return bundle.read_bytes()


@dataclass(frozen=True, slots=True)
class Verifier:
    """Whose signature counts: of a public key (file or KMS URI), or of an identity with its OIDC issuer."""

    key: str = ""
    identity: str = ""
    issuer: str = ""

    def statement(self, bundle: bytes) -> bytes:
        """The statement that a bundle holds, if it is signed by the right one.

        Raises:
            ValueError: when it is not, or is no bundle.
            BuilderError: (10) without cosign, or when it does not end.
        """
        statement = payload(bundle)
        with _scratch(bundle=bundle) as folder:
            command = ["verify-blob-attestation", "--check-claims=false", f"--bundle={folder / 'bundle'}"]
            command += [f"--type={predicate_type(statement)}", *self._whose(folder)]
            try:
                _cosign(command, "its signature is not valid")
            except BuilderError as error:
                if error.code is ExitCode.TOOL_MISSING:
                    raise
                raise ValueError(error.what) from error
        return statement

    def _whose(self, folder: Path) -> list[str]:
        if self.key:
            # The log is what proves when a keyless certificate was used; a key needs no such proof.
            return [f"--key={self.key}", "--insecure-ignore-tlog", _roots(folder)]
        return [f"--certificate-identity={self.identity}", f"--certificate-oidc-issuer={self.issuer}"]


@contextmanager
def _scratch(**files: bytes) -> Iterator[Path]:
    with TemporaryDirectory(prefix="cosign-") as name:
        folder = Path(name)
        settings = {"services": canonical(_NO_SERVICES), "roots": canonical(_NO_ROOTS)}
        for file, content in {**settings, **files}.items():
            (folder / file).write_bytes(content)
        yield folder


def _roots(folder: Path) -> str:
    return f"--trusted-root={folder / 'roots'}"


def _cosign(arguments: Sequence[str], failure: str) -> None:
    program = shutil.which("cosign")
    if program is None:
        raise BuilderError(
            ExitCode.TOOL_MISSING,
            "cosign is not installed",
            fix="Install cosign 3 or newer, or release without signatures.",
        )
    environment = {**os.environ, "COSIGN_YES": "true"}
    done = run([program, *arguments], seconds=_SECONDS, environment=environment)
    if done.returncode:
        errors = [line for line in done.stderr.splitlines() if line.startswith("Error: ")]
        raise _failed(failure, (errors or done.stderr.splitlines() or ["cosign said nothing"])[-1])


def _failed(failure: str, said: str) -> BuilderError:
    return BuilderError(
        ExitCode.REFUSED,
        f"{failure}: {said.removeprefix('Error: ')}",
        fix="Check the key and COSIGN_PASSWORD, or the identity of this job.",
    )
