"""Content addresses."""

import hashlib
import re
from dataclasses import dataclass
from typing import Self

# OCI image specification 1.1, "Digests"; the two registered algorithms.
_LENGTHS = {"sha256": 64, "sha512": 128}
_HEX = re.compile(r"[0-9a-f]+")


@dataclass(frozen=True, slots=True, order=True)
class Digest:
    """An algorithm and the lower-case hexadecimal hash it gave."""

    algorithm: str
    hex: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `sha256:<64 hex digits>`.

        Raises:
            ValueError: for another algorithm, length or alphabet.
        """
        algorithm, _, value = text.partition(":")
        if len(value) != _LENGTHS.get(algorithm) or not _HEX.fullmatch(value):
            raise ValueError(f"{text!r} is not a digest; write sha256: and 64 lower-case hex digits")
        return cls(algorithm, value)

    @classmethod
    def of(cls, content: bytes) -> Self:
        """The sha256 digest of these bytes."""
        return cls("sha256", hashlib.sha256(content).hexdigest())

    def matches(self, content: bytes) -> bool:
        """Whether these bytes have this digest."""
        return hashlib.new(self.algorithm, content).hexdigest() == self.hex

    @property
    def short(self) -> str:
        """Twelve digits for people to read."""
        return self.hex[:12]

    def __str__(self) -> str:
        return f"{self.algorithm}:{self.hex}"
