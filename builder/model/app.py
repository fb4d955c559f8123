"""Users' own programs, built over the family."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from builder.model.digest import Digest

if TYPE_CHECKING:
    from builder.model.cell import Cell


@dataclass(frozen=True, slots=True)
class Sources:
    """An app's build context as it was read.

    `folder` is where it lies, `dockerfile` a path in it with its `text`; `digests` has every other file that
    BuildKit would be sent, by its path.
    """

    folder: str
    dockerfile: str
    text: str
    digests: Mapping[str, Digest] = field(hash=False)

    @property
    def file(self) -> str:
        """The Dockerfile's own path."""
        return f"{self.folder}/{self.dockerfile}"


@dataclass(frozen=True, slots=True)
class Parent:
    """An image of the family that an app's Dockerfile names by its flavor, and the target it belongs to."""

    target: str
    cell: Cell


@dataclass(frozen=True, slots=True)
class App:
    """An app at one point of the matrix.

    `parents` are the flavors that its Dockerfile names, the one of its last stage first. `test` is a command
    that runs in the image and has `seconds` for it on an idle host of the image's own architecture. `twins`
    are what parents are on other platforms, for stages that run on the build machine's own.
    """

    name: str
    sources: Sources
    parents: tuple[Parent, ...]
    arguments: Mapping[str, str] = field(hash=False)
    test: tuple[str, ...]
    seconds: int
    twins: tuple[Parent, ...] = ()
