"""What a planted fault is."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from tests.matrix.samples import TODAY

HEAD = """\
release: ghcr.io/acme/cuda
staging: ghcr.io/acme/cuda-staging
"""
TAGS = """\
tags:
  release: "{cuda}-{flavor}-{os}[-torch{torch}]-{epoch:%Y%m%d}"
  rolling: "{cuda}-{flavor}-{os}[-torch{torch}]"
"""
HERE = "# here"


@dataclass(frozen=True)
class Fault:
    """A matrix with a fault in the line that ends in `# here`, what is said of it, and what mends it.

    `mend` is a text of the matrix and the one that is put in its place; `doubtful` faults only warn.
    `dockerfiles` are those of its apps that have one. With an `environment` file, the fault is in that.
    """

    rule: str
    matrix: str
    said: str
    mend: tuple[str, str]
    doubtful: bool = False
    today: date = TODAY
    dockerfiles: Mapping[str, str] = field(default_factory=dict)
    environment: str = ""

    @property
    def text(self) -> str:
        """The whole matrix."""
        tags = "" if "\ntags:" in self.matrix else TAGS
        head = "" if "release: " in self.matrix.split("\n", 2)[1] else HEAD
        return head + self.matrix.lstrip("\n") + tags

    @property
    def mended(self) -> "Fault":
        """The same without the fault."""
        old, new = self.mend
        assert old in self.text + self.environment
        return replace(
            self,
            matrix=self.matrix.replace(old, new),
            environment=self.environment.replace(old, new),
        )

    @property
    def line(self) -> int | None:
        """The line of the fault; None where the matrix as a whole has it."""
        text = self.environment or self.text
        lines = [i for i, line in enumerate(text.splitlines(), 1) if line.endswith(HERE)]
        return lines[0] if lines else None
