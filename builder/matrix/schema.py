"""What a matrix may say, as pydantic models. The JSON Schema that editors use is generated from them."""

from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from builder.model.cell import Level, Source
from builder.model.platform import Platform
from builder.model.reference import Repository

AXES = ("source", "cuda", "flavor", "os", "platform", "torch", "python")


def _repository(text: str) -> str:
    Repository.parse(text)
    return text


def _platform(text: str) -> str:
    return str(Platform.parse(text))


def _flavor(text: str) -> str:
    return {"runtime-cudnn": "cudnn-runtime", "devel-cudnn": "cudnn-devel"}.get(text, text)


RepositoryName = Annotated[str, AfterValidator(_repository), Field(examples=["ghcr.io/acme/cuda"])]
PlatformName = Annotated[str, AfterValidator(_platform), Field(examples=["linux/amd64", "linux/arm64"])]
SourceName = Literal["upstream", "wheels", "ngc-pytorch", "cpu"]
FlavorName = Annotated[
    Literal["base", "runtime", "cudnn-runtime", "devel", "cudnn-devel"], BeforeValidator(_flavor)
]
Text = Annotated[str, Field(min_length=1)]
Listed = BeforeValidator(lambda value: tuple(value) if isinstance(value, list | tuple) else (value,))
Values = Annotated[tuple[Text, ...], Listed]
SourceNames = Annotated[tuple[SourceName, ...], Listed]
Flavors = Annotated[tuple[FlavorName, ...], Listed]
Platforms = Annotated[tuple[PlatformName, ...], Listed]
Reason = Annotated[
    str, Field(min_length=1, description="Why, for the next reader. It is shown where the rule takes effect.")
]


class Strict(BaseModel):
    """No unknown keys, no silent conversions, no changes."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class SourceSettings(Strict):
    """Where a source's base images come from."""

    repository: RepositoryName = Field(
        description="The repository of the bases; for `wheels` and `cpu` the namespace of plain OS images."
    )
    mirrors: Annotated[tuple[RepositoryName, ...], Listed] = Field(
        default=(),
        description="Stand-ins for `repository`, tried in this order before it. All must agree on digests.",
    )


class WheelSettings(SourceSettings):
    """The same for the source `wheels`, and which parts of the toolkit a flavor holds."""

    repository: RepositoryName = "docker.io/library"
    components: dict[FlavorName, Values] = Field(
        default_factory=dict,
        description="Parts of the CUDA toolkit per flavor, instead of NVIDIA's own split; extras of `cuda-toolkit`.",
    )


class Sources(Strict):
    """Settings per source of CUDA; each has a default."""

    upstream: SourceSettings = SourceSettings(repository="nvcr.io/nvidia/cuda")
    wheels: WheelSettings = WheelSettings()
    ngc_pytorch: SourceSettings = Field(
        default=SourceSettings(repository="nvcr.io/nvidia/pytorch"), alias="ngc-pytorch"
    )
    cpu: SourceSettings = SourceSettings(repository="docker.io/library")

    def of(self, source: Source) -> SourceSettings:
        """The settings of one source."""
        return {
            Source.UPSTREAM: self.upstream,
            Source.WHEELS: self.wheels,
            Source.NGC_PYTORCH: self.ngc_pytorch,
            Source.CPU: self.cpu,
        }[source]


class Axes(Strict):
    """The values of each axis. Their product, less `exclude`, are the cells. A single value needs no list."""

    cuda: Values = Field(default=(), description="CUDA toolkit versions such as `13.0.2`, or `cpu`.")
    flavor: Flavors = Field(
        default=("base",), description="How much of CUDA: base, runtime, cudnn-runtime, devel, cudnn-devel."
    )
    os: Values = Field(default=(), description="Operating systems such as `ubuntu24.04` or `debian12`.")
    platform: Platforms = Field(default=("linux/amd64", "linux/arm64"), description="OCI platforms.")
    source: SourceNames = Field(
        default=("upstream",), description="Where CUDA comes from. Cells with `cuda: cpu` are always `cpu`."
    )
    torch: Values = Field(default=("none",), description="PyTorch versions; `none` for images without.")
    python: Values = Field(default=("os",), description="Python versions; `os` is the system's own.")


class Match(Strict):
    """Which cells: every axis named here must match; globs (`13.*`) and version ranges (`>=12.8,<13`)."""

    source: Values | None = None
    cuda: Values | None = None
    flavor: Values | None = None
    os: Values | None = None
    platform: Values | None = None
    torch: Values | None = None
    python: Values | None = None

    def given(self) -> dict[str, tuple[str, ...]]:
        """The axes that are named, with their patterns."""
        return {axis: patterns for axis in AXES if (patterns := getattr(self, axis)) is not None}


class Exclude(Strict):
    """Cells that must not exist, and why."""

    match: Match
    reason: Reason | None = None
    until: date | None = Field(
        default=None, description="From this day on the exclusion is reported as expired."
    )


class Assignment(Strict):
    """New values for axes."""

    torch: Text | None = None
    python: Text | None = None
    source: SourceName | None = None


class Override(Strict):
    """Cells that get other values than their axes say, and why."""

    match: Match
    set: Assignment
    reason: Reason | None = None


class Include(Strict):
    """Cells besides the product. Axes that are left out take the defaults; `platform` takes the axis."""

    cuda: Values
    os: Values
    flavor: Flavors = ("base",)
    platform: Platforms | None = None
    source: SourceNames = ("upstream",)
    torch: Values = ("none",)
    python: Values = ("os",)


class Tags(Strict):
    """Names of what is published. `[-py{python}]` is left out where a value in it is empty."""

    release: Values = Field(
        min_length=1,
        description="Immutable tags; they must name the epoch: `{cuda}-{flavor}-{os}-{epoch:%Y%m%d}`.",
    )
    rolling: Values = Field(default=(), description="Tags that move to the newest release.")


class Build(Strict):
    """How images are written."""

    compression: Literal["gzip", "zstd"] = Field(
        default="gzip",
        description="Of the layers. zstd is faster and smaller; Docker before 23 cannot read it.",
    )


class Smoke(Strict):
    """What a receipt must prove before a target is published."""

    require: dict[PlatformName, Literal["gpu", "cpu"]] = Field(
        default_factory=dict,
        description="The level of the test per platform; `gpu` where nothing is said. `cuda: cpu` needs no GPU.",
    )
    max_age: int = Field(default=90, ge=1, alias="max-age", description="Days for which a receipt counts.")

    def level(self, platform: Platform) -> Level:
        """The level asked for on this platform."""
        return Level(self.require.get(str(platform), Level.GPU))


class Matrix(Strict):
    """The family of images that should exist."""

    release: RepositoryName = Field(description="Where released images go.")
    staging: RepositoryName = Field(description="Where images are built and tested; not for users.")
    sources: Sources = Sources()
    axes: Axes = Axes()
    exclude: Annotated[tuple[Exclude, ...], Listed] = ()
    override: Annotated[tuple[Override, ...], Listed] = ()
    include: Annotated[tuple[Include, ...], Listed] = ()
    tags: Tags
    build: Build = Build()
    smoke: Smoke = Smoke()
