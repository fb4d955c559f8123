"""OCI platforms, written as containerd writes them."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Self

# containerd's normalisation of the names that uname and Go use.
_ALIASES = {"x86_64": "amd64", "aarch64": "arm64"}


@dataclass(frozen=True, slots=True, order=True)
class Platform:
    """An operating system, an architecture and, where the architecture has some, a variant."""

    os: str
    architecture: str
    variant: str = ""

    @classmethod
    @lru_cache(maxsize=1024)
    def parse(cls, text: str) -> Self:
        """Read `linux/amd64` or `linux/arm/v7`.

        `linux/arm64/v8` is `linux/arm64`: v8 is that architecture's default variant.

        Raises:
            ValueError: when the text is not two or three lower-case words.
        """
        parts = text.split("/")
        if len(parts) not in (2, 3) or not all(part.isalnum() or "_" in part for part in parts):
            raise ValueError(f"{text!r} is not a platform; write linux/amd64 or linux/arm64")
        os, architecture, variant = (*parts, "")[:3]
        architecture = _ALIASES.get(architecture, architecture)
        if (architecture, variant) == ("arm64", "v8"):
            variant = ""
        return cls(os, architecture, variant)

    def __str__(self) -> str:
        name = f"{self.os}/{self.architecture}"
        return f"{name}/{self.variant}" if self.variant else name

    @property
    def slug(self) -> str:
        """The part that tells platforms of one target apart in names: `amd64`, `armv7`."""
        return f"{self.architecture}{self.variant}"

    @property
    def machine(self) -> str:
        """What `uname -m` prints there, which is also how wheels name it."""
        return {"amd64": "x86_64", "arm64": "aarch64"}.get(self.architecture, self.architecture)
