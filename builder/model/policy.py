"""What a receipt, or several of them, must prove before an image is published."""

import json
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from builder.model.cell import Level
from builder.model.digest import Digest


class Profile(StrEnum):
    """How much of the probe is run: a check of every layer, or the slow ones too."""

    QUICK = "quick"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class Allowance:
    """A check that may be skipped, and why."""

    check: str
    reason: str


@dataclass(frozen=True, slots=True)
class Demand:
    """A GPU on which the image must have been tested; empty text leaves it open.

    `gpu` is a glob on the GPU's name, `capability` is as `9.0`. `driver` is a branch such as `580`, a
    version, or `oldest` or `newest`: the supported branches at either end of what runs this CUDA on this GPU.
    """

    gpu: str = ""
    capability: str = ""
    driver: str = ""

    def __str__(self) -> str:
        named = {"gpu": self.gpu, "cc": self.capability, "driver": self.driver}
        return " ".join(f"{name} {value}" for name, value in named.items() if value)


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules for the cells that it is for."""

    level: Level = Level.GPU
    profile: Profile = Profile.QUICK
    demands: tuple[Demand, ...] = ()
    allowed: tuple[Allowance, ...] = ()
    max_age: timedelta = timedelta(days=90)

    @property
    def digest(self) -> Digest:
        """What receipts call the rules that judged them: the profile and the allowances.

        Level, age and demands are asked of a receipt later, so that a receipt outlives a change of those.
        """
        allowed = sorted((allowance.check, allowance.reason) for allowance in self.allowed)
        rules = {"profile": str(self.profile), "allowed": allowed}
        return Digest.of(json.dumps(rules, sort_keys=True, separators=(",", ":")).encode())
