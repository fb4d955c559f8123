"""What an image promises, as the probe is told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Facts = dict[str, str]


@dataclass(frozen=True)
class Promise:
    """The image as its cell describes it; empty text where the cell does without.

    `machine` is what `uname -m` prints. `gpus` is how many GPUs the container was given.
    """

    machine: str
    os: str
    source: str
    flavor: str
    cuda: str
    torch: str
    python: str
    level: str
    profile: str
    gpus: int

    @classmethod
    def parse(cls, data: dict[str, Any]) -> Promise:
        """Read the JSON object; a missing or an unknown property is a TypeError."""
        return cls(**data)

    @property
    def cuda_minor(self) -> str:
        """The toolkit's major and minor version: `13.0`."""
        return ".".join(self.cuda.split(".")[:2])

    @property
    def cuda_torch(self) -> bool:
        """Whether torch must be able to use CUDA."""
        return bool(self.torch and self.cuda)

    @property
    def bare(self) -> bool:
        """Whether CUDA is here with nothing on top: the flavor base, and no torch to bring more."""
        return bool(self.cuda) and self.flavor == "base" and not self.torch

    @property
    def compiler(self) -> bool:
        """Whether nvcc is promised."""
        return bool(self.cuda) and self.flavor.endswith("devel")

    @property
    def gpu(self) -> bool:
        """Whether the test is made on a GPU."""
        return bool(self.cuda) and self.level == "gpu"
