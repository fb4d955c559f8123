"""Which cells there are: axes, and what is taken from, changed in and added to their product."""

from datetime import date
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, model_validator

from builder.matrix.match import pattern
from builder.matrix.schema.names import (
    TERMS,
    EnvName,
    EnvNames,
    Flavors,
    OneOrMany,
    Platforms,
    Reason,
    SourceName,
    SourceNames,
    Strict,
    Text,
    Values,
    Word,
)

_Patterns = Annotated[tuple[Text, ...], Field(min_length=1), OneOrMany()]


def _checked(axis: str) -> AfterValidator:
    def check(patterns: tuple[str, ...]) -> tuple[str, ...]:
        for text in patterns:
            pattern(axis, text)
        return patterns

    return AfterValidator(check)


def _axis(description: str) -> Any:
    return Field(default=None, description=description)


Companion = Annotated[
    str,
    Field(
        pattern=r"^(torchvision|torchaudio)(==[0-9]+(\.[0-9]+)*)?$",
        examples=["torchvision", "torchaudio==2.11.0"],
    ),
]
Companions = Annotated[tuple[Companion, ...], OneOrMany()]


class Axes(Strict):
    """The values of each axis. Their product, less `exclude`, are the cells. A single value needs no list."""

    cuda: Values = Field(default=(), description="CUDA toolkit versions such as `13.0.2`, or `cpu`.")
    flavor: Flavors = Field(
        default=("base",),
        description=(
            "How much of CUDA: `base` runs programs that carry their libraries, `runtime` has the libraries, "
            "`devel` the compiler as well; `cudnn-runtime` and `cudnn-devel` add cuDNN."
        ),
    )
    os: Values = Field(default=(), description="Operating systems such as `ubuntu24.04` or `debian12`.")
    platform: Platforms = Field(default=("linux/amd64", "linux/arm64"), description="OCI platforms.")
    source: SourceNames = Field(
        default=("upstream",), description="Where CUDA comes from. Cells with `cuda: cpu` are always `cpu`."
    )
    torch: Values = Field(
        default=("none",),
        description=(
            "PyTorch versions, or `none`. The wheel's CUDA variant follows from torch, CUDA and platform."
        ),
    )
    python: Values = Field(
        default=("os",),
        description=(
            "Python versions; `os` is the system's own, `none` an image without any, for compiled programs."
        ),
    )
    env: EnvNames = Field(
        default=("pip",),
        description=(
            "What Python and its packages come from: `pip`, the system's own with wheels in a virtual "
            "environment, `uv`, the same with a Python that uv manages, of any version, or `conda`, an "
            "environment of conda packages."
        ),
    )

    @model_validator(mode="after")
    def _both(self) -> Self:
        if bool(self.cuda) != bool(self.os):
            given, other = ("cuda", "os") if self.cuda else ("os", "cuda")
            raise ValueError(f"`axes` has `{given}` without `{other}`: their product would be empty")
        return self


class Defaults(Strict):
    """What entries of `include` take for the axes that they leave out."""

    flavor: Flavors = Field(default=("base",), description="Flavors, as in `axes`.")
    platform: Platforms | None = _axis("OCI platforms; those of `axes`, if not given.")
    source: SourceNames = Field(default=("upstream",), description="Sources of CUDA, as in `axes`.")
    torch: Values = Field(default=("none",), description="PyTorch versions, or `none`.")
    python: Values = Field(default=("os",), description="Python versions, `os` or `none`, as in `axes`.")
    env: EnvNames = Field(default=("pip",), description="What Python comes from, as in `axes`.")


class Match(Strict):
    """Which cells: every axis named here must match; of a list, one pattern must.

    A pattern is a glob (`13.*`, `ubuntu*`), or for cuda, torch and python a range of versions (`>=12.8,<13`).
    """

    source: Annotated[_Patterns, _checked("source")] | None = _axis("Globs such as `wheels`.")
    cuda: Annotated[_Patterns, _checked("cuda")] | None = _axis("Globs or ranges: `13.*`, `>=12.8,<13`.")
    flavor: Annotated[_Patterns, _checked("flavor")] | None = _axis("Globs such as `cudnn-*`.")
    os: Annotated[_Patterns, _checked("os")] | None = _axis("Globs such as `ubuntu*`.")
    platform: Annotated[_Patterns, _checked("platform")] | None = _axis("Globs such as `*/arm64`.")
    torch: Annotated[_Patterns, _checked("torch")] | None = _axis("Globs or ranges: `none`, `>=2.10`.")
    python: Annotated[_Patterns, _checked("python")] | None = _axis(
        "Globs or ranges: `none`, `>=3.12`; never `os`."
    )
    env: Annotated[_Patterns, _checked("env")] | None = _axis("`pip`, `uv` or `conda`.")
    app: Annotated[_Patterns, _checked("app")] | None = _axis("Names of apps, or globs; only for `smoke`.")

    @model_validator(mode="after")
    def _some(self) -> Self:
        if not self.given():
            raise ValueError("a `match` names at least one axis; this one would match every cell")
        return self

    def given(self) -> dict[str, tuple[str, ...]]:
        """The axes that are named, with their patterns."""
        return {axis: patterns for axis in TERMS if (patterns := getattr(self, axis)) is not None}


class Exclude(Strict):
    """Cells of the product that must not exist, and why."""

    match: Match
    reason: Reason | None = None
    until: date | None = Field(
        default=None, description="From this day on the exclusion is reported as expired."
    )


class Assignment(Strict):
    """New values."""

    torch: Word | None = Field(default=None, description="Another PyTorch version, or `none`.")
    python: Word | None = Field(default=None, description="Another Python version, `os` or `none`.")
    source: SourceName | None = Field(default=None, description="Another source of CUDA.")
    env: EnvName | None = Field(default=None, description="`pip`, `uv` or `conda`.")
    companions: Companions | None = Field(default=None, description="Other companions of torch.")

    @model_validator(mode="after")
    def _some(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("a `set` gives at least one value")
        return self


class Override(Strict):
    """Cells that get other values than their axes say, and why. Of several that match, the last wins."""

    match: Match
    set: Assignment
    reason: Reason | None = None


class Include(Strict):
    """Cells besides the product: the product of this entry's own values. No exclusion takes them away."""

    cuda: Values = Field(description="CUDA toolkit versions such as `13.0.2`, or `cpu`.")
    os: Values = Field(description="Operating systems such as `debian12`.")
    flavor: Flavors | None = _axis("Flavors; those of `defaults`, if not given.")
    platform: Platforms | None = _axis("OCI platforms; those of `defaults`, if not given, then of `axes`.")
    source: SourceNames | None = _axis("Sources of CUDA; those of `defaults`, if not given.")
    torch: Values | None = _axis("PyTorch versions, or `none`; those of `defaults`, if not given.")
    python: Values | None = _axis("Python versions, `os` or `none`; those of `defaults`, if not given.")
    env: EnvNames | None = _axis("`pip`, `uv` or `conda`; those of `defaults`, if not given.")
    reason: Reason | None = _axis("Why, where the entry leaves out a platform that the others have.")
