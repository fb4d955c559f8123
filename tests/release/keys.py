"""Key pairs of cosign."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

from builder.release.signing.sign import Signer, Verifier
from tests.servers.processes import program

PASSWORD = "planted-password"


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A private key, which COSIGN_PASSWORD opens, and its public key."""

    private: Path
    public: Path

    @property
    def signer(self) -> Signer:
        """Signs with it."""
        return Signer(str(self.private))

    @property
    def verifier(self) -> Verifier:
        """Takes what it signed."""
        return Verifier(str(self.public))


def generate(folder: Path) -> KeyPair:
    """A new key pair in a new folder."""
    folder.mkdir()
    cosign(folder, "generate-key-pair")
    return KeyPair(folder / "cosign.key", folder / "cosign.pub")


def cosign(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run cosign."""
    return subprocess.run(
        [program("cosign"), *arguments],
        cwd=folder,
        env={"COSIGN_PASSWORD": PASSWORD, "HOME": str(folder)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
