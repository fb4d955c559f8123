"""Names of images, by the grammar of the distribution project's reference package."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Self

from builder.model.digest import Digest

DOCKER_HUB = "docker.io"
_COMPONENT = re.compile(r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
_HOST = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9a-fA-F:]+\])(?::[0-9]{1,5})?")


def is_tag(text: str) -> bool:
    """Whether the text is a tag: at most 128 of `[A-Za-z0-9_.-]`, the first a letter, digit or `_`."""
    return _TAG.fullmatch(text) is not None


@dataclass(frozen=True, slots=True, order=True)
class Repository:
    """A registry host and the path of a repository in it."""

    registry: str
    path: str

    @classmethod
    @lru_cache(maxsize=1024)
    def parse(cls, text: str) -> Self:
        """Read `ghcr.io/acme/cuda`; `debian` is Docker Hub's `library/debian`.

        Raises:
            ValueError: when the host or the path has characters that the grammar does not know.
        """
        first, slash, rest = text.partition("/")
        if slash and ("." in first or ":" in first or first == "localhost"):
            registry, path = first, rest
        else:
            registry, path = DOCKER_HUB, text
        if registry == "index.docker.io":
            registry = DOCKER_HUB
        if registry == DOCKER_HUB and "/" not in path:
            path = f"library/{path}"
        if not _HOST.fullmatch(registry):
            raise ValueError(f"{text!r} does not start with a registry host")
        if not path or not all(_COMPONENT.fullmatch(part) for part in path.split("/")):
            raise ValueError(
                f"{text!r} is not a repository: its path is lower-case words joined by '.', '_', '-' or '/'"
            )
        if len(path) > 255:  # noqa: PLR2004  the grammar's limit
            raise ValueError(f"{text!r} is longer than 255 characters")
        return cls(registry, path)

    def tag(self, tag: str) -> "Reference":
        """The image of that tag here."""
        return Reference(self, tag=tag)

    def at(self, digest: Digest) -> "Reference":
        """The manifest of that digest here."""
        return Reference(self, digest=digest)

    def __truediv__(self, name: str) -> "Repository":
        return Repository(self.registry, f"{self.path}/{name}")

    def __str__(self) -> str:
        return f"{self.registry}/{self.path}"


@dataclass(frozen=True, slots=True)
class Reference:
    """An image in a repository: by tag, by digest, or by both, in which case the digest decides."""

    repository: Repository
    tag: str = ""
    digest: Digest | None = None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `nvcr.io/nvidia/cuda:13.0.2-base-ubuntu24.04@sha256:…`.

        A reference without tag and digest is an error here: nothing is `latest` by silence.

        Raises:
            ValueError: when the text is no complete reference.
        """
        name, at, digest = text.partition("@")
        path, colon, tag = name.rpartition(":")
        if not colon or "/" in tag:
            path, tag = name, ""
        if not tag and not at:
            raise ValueError(f"{text!r} has neither a tag nor a digest; name one, never 'latest'")
        if tag and not is_tag(tag):
            raise ValueError(f"{tag!r} is not a tag: at most 128 letters, digits, '_', '.' and '-'")
        return cls(Repository.parse(path), tag, Digest.parse(digest) if at else None)

    def at(self, digest: Digest) -> "Reference":
        """The same image, pinned."""
        return Reference(self.repository, self.tag, digest)

    def __str__(self) -> str:
        tag = f":{self.tag}" if self.tag else ""
        digest = f"@{self.digest}" if self.digest else ""
        return f"{self.repository}{tag}{digest}"
