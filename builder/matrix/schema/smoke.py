"""What the smoke test must prove before a target is published."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from builder.matrix.schema.cells import Match
from builder.matrix.schema.names import Many, PlatformName, Reason, Strict, Text
from builder.model.cell import Level
from builder.model.platform import Platform

LevelName = Literal["gpu", "cpu"]
ProfileName = Literal["quick", "full"]
Days = Annotated[int, Field(ge=1, le=3650)]


class SeenGpu(Strict):
    """A GPU on which a receipt must have been made; what is left out may be any."""

    name: Text | None = Field(default=None, description="A glob on the GPU's name: `*A100*`.")
    cc: Annotated[str, Field(pattern=r"^[0-9]+\.[0-9]$")] | None = Field(
        default=None, description="Its compute capability: `9.0`."
    )
    driver: Annotated[str, Field(pattern=r"^(oldest|newest|[0-9]+(\.[0-9]+)*)$")] | None = Field(
        default=None,
        description=(
            "Its driver: a branch, a version, or `oldest` or `newest` of the supported branches that run "
            "this CUDA."
        ),
    )

    @model_validator(mode="after")
    def _some(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("a GPU is named by `name`, `cc` or `driver`")
        return self


class Allowance(Strict):
    """A check of the smoke test that may be skipped, and why."""

    check: Text = Field(description="The check's id, as receipts have it.")
    reason: Reason


SeenGpus = Annotated[tuple[SeenGpu, ...], Many()]
Allowances = Annotated[tuple[Allowance, ...], Many()]


class SmokePolicy(Strict):
    """Another policy for some cells; what is left out stays. Of several that match, the last wins."""

    match: Match
    level: LevelName | None = Field(default=None, description="`gpu`: on a real GPU. `cpu`: without one.")
    profile: ProfileName | None = Field(default=None, description="`quick` or `full`.")
    gpus: SeenGpus | None = Field(default=None, description="Instead of the family's; none with `[]`.")
    allow: Allowances = Field(default=(), description="Added to what is allowed anyway.")
    reason: Reason


class Smoke(Strict):
    """What a receipt must prove before a target is published."""

    require: dict[PlatformName, LevelName] = Field(
        default_factory=dict,
        description="Level of the test per platform; `gpu` where nothing is said. `cuda: cpu` needs no GPU.",
    )
    profile: ProfileName = Field(
        default="quick", description="`quick` checks every layer; `full` runs the slow checks too."
    )
    max_age: Days = Field(default=90, alias="max-age", description="Days for which a receipt counts.")
    gpus: SeenGpus = Field(
        default=(), description="GPUs that must all have been seen; receipts of several hosts add up."
    )
    allow: Allowances = Field(default=(), description="Checks that may be skipped, each with its reason.")
    policies: Annotated[tuple[SmokePolicy, ...], Many()] = Field(
        default=(), description="Policies that differ for some cells."
    )

    def level(self, platform: Platform) -> Level:
        """The level asked for on this platform where no policy says otherwise."""
        return Level(self.require.get(str(platform), Level.GPU))
