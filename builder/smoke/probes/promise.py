"""What an image promises, as the probe is told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Facts = dict[str, str]


@dataclass(frozen=True)
class Promise:
    """The image as its cell describes it; empty text where the cell does without.

    `machine` is what `uname -m` prints. `libraries` are the CUDA libraries that must be there, and `absent`
    those that must not, as `cublas` for libcublas. `compiler` says whether nvcc is promised. `driver` is
    the oldest driver that the toolkit runs on. `gpus` is how many GPUs the container was given. The profile
    `quick` holds a check of every layer, `full` the slow ones too. `command` is an app's own test, which may
    take `seconds`. `env` is `uv` where uv manages Python, and `conda` where Python and torch are of an
    environment of conda's. Without `python` the one that the probe runs with is lent.
    """

    machine: str
    os: str
    source: str
    env: str
    flavor: str
    cuda: str
    torch: str
    python: str
    libraries: list[str]
    absent: list[str]
    compiler: bool
    driver: str
    level: str
    profile: str
    gpus: int
    command: list[str]
    seconds: int

    @classmethod
    def parse(cls, data: dict[str, Any]) -> Promise:
        """Read the JSON object; a missing or an unknown property is a TypeError."""
        return cls(**data)

    @property
    def cuda_minor(self) -> str:
        """The toolkit's major and minor version: `13.0`."""
        return ".".join(self.cuda.split(".")[:2])

    @property
    def gpu(self) -> bool:
        """Whether the test is made on a GPU."""
        return bool(self.cuda) and self.level == "gpu"
