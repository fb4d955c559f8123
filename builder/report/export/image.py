"""A released image, as those who run it need to know it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from builder.model.cell import CPU, Cell
from builder.model.reference import Reference


@dataclass(frozen=True, slots=True)
class Image:
    """A released target: its index by digest, the tags that point to it, and the cell of each platform.

    `epoch` is that of its release. `app` is the app that it is; empty for an image of the family itself.
    """

    target: str
    reference: Reference
    tags: tuple[str, ...]
    epoch: date
    cells: tuple[Cell, ...]
    app: str = ""

    @property
    def uses_gpu(self) -> bool:
        """Whether it holds CUDA."""
        return any(cell.cuda for cell in self.cells)

    @property
    def name(self) -> str:
        """The target's name in letters, digits and `-`, which every service takes."""
        return re.sub(r"[^a-z0-9]+", "-", self.target.lower()).strip("-")

    @property
    def facts(self) -> Mapping[str, str]:
        """What all platforms agree on: `cuda`, `os`, `torch` and the others, those that it has."""
        first, *others = (cell.values() for cell in self.cells)
        same = {name: value for name, value in first.items() if all(one[name] == value for one in others)}
        own = {**same, "app": self.app}
        return {
            name: value for name, value in own.items() if name != "platform" and value not in ("", "none")
        }

    @property
    def description(self) -> str:
        """One sentence."""
        facts = self.facts
        cuda = "without CUDA" if facts.get("cuda") == CPU else f"with CUDA {facts.get('cuda', '')}"
        torch = f" and torch {facts['torch']}" if "torch" in facts else ""
        what = f"The app {facts['app']}" if "app" in facts else f"The flavor {facts.get('flavor', '')}"
        platforms = ", ".join(str(cell.platform) for cell in self.cells)
        return f"{what} {cuda}{torch} on {facts.get('os', '')}, for {platforms}."


@dataclass(frozen=True, slots=True)
class File:
    """A file that was written of an image: where it belongs below a folder, and its text."""

    path: str
    text: str
