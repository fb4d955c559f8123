"""The whole matrix."""

from typing import Annotated, Literal

from pydantic import Field

from builder.matrix.schema.apps import App, AppName
from builder.matrix.schema.cells import Axes, Companions, Defaults, Exclude, Include, Override
from builder.matrix.schema.hosts import Host
from builder.matrix.schema.names import FlavorName, Many, Repositories, RepositoryName, Size, Strict
from builder.matrix.schema.rules import Adjustment
from builder.matrix.schema.smoke import Smoke
from builder.matrix.schema.sources import Sources
from builder.matrix.schema.tags import Tags
from builder.matrix.schema.trust import Signatory
from builder.model.cell import Cell
from builder.model.size import parse_size


class Build(Strict):
    """How images are written."""

    compression: Literal["gzip", "zstd"] = Field(
        default="gzip",
        description="Of the layers. zstd is faster and smaller; Docker before 23 cannot read it.",
    )
    provenance: Literal["max", "min", "none"] = Field(
        default="max", description="How much BuildKit tells of each build, in SLSA's terms."
    )
    cache: Literal["registry", "none"] = Field(
        default="none",
        description=(
            "Where the steps of builds are kept for other builders: `registry` is beside the images in "
            "staging, for machines that are thrown away after each run."
        ),
    )
    sbom: str = Field(
        default="syft",
        min_length=1,
        description=(
            "What lists the packages of each image: `syft`, after the build, on the machine that bakes; "
            "`none`; or the image of a scanner, with which BuildKit does it within the build, such as "
            "`docker.io/docker/buildkit-syft-scanner:stable-1` or a mirror of it."
        ),
    )

    @property
    def cached(self) -> bool:
        """Whether the steps of builds are kept in staging."""
        return self.cache == "registry"


class Conda(Strict):
    """What the cells with `env: conda` have in common."""

    environment: str | None = Field(
        default=None,
        min_length=1,
        examples=["environment.yml"],
        description=(
            "A file of conda's own kind beside the matrix: its `dependencies` come on top of Python, torch "
            "and CUDA's pins, and its `channels` take the place of the usual ones."
        ),
    )


class Matrix(Strict):
    """The family of images that should exist: axes, what differs from their product, where it goes."""

    release: RepositoryName = Field(description="Where released images go.")
    copies: Repositories = Field(
        default=(), description="More repositories that get every release, with the same digests."
    )
    staging: RepositoryName = Field(description="Where images are built and tested; not for users.")
    sources: Sources = Sources()
    axes: Axes = Axes()
    defaults: Defaults = Defaults()
    companions: Companions = Field(
        default=(),
        description=(
            "What comes with torch, in the versions that belong to it: `torchvision`, `torchaudio`. "
            "`==` pins one."
        ),
    )
    exclude: Annotated[tuple[Exclude, ...], Many()] = Field(
        default=(), description="Cells of the product that must not exist, each with its reason."
    )
    override: Annotated[tuple[Override, ...], Many()] = Field(
        default=(), description="Cells that get other values than their axes say, each with its reason."
    )
    include: Annotated[tuple[Include, ...], Many()] = Field(
        default=(), description="Cells besides the product."
    )
    tags: Tags
    conda: Conda = Field(default=Conda(), description="For the cells with `env: conda`.")
    apps: dict[AppName, App] = Field(
        default_factory=dict, description="Your own programs over these images, by name."
    )
    hosts: Annotated[tuple[Host, ...], Many()] = Field(
        default=(),
        description="Machines on which the images have to run: a cloud's size, or a GPU and a driver.",
    )
    rules: Annotated[tuple[Adjustment, ...], Many()] = Field(
        default=(), description="Rules that weigh more or less here, each with its reason."
    )
    build: Build = Build()
    budget: dict[FlavorName, Size] = Field(
        default_factory=dict,
        description="The most that an image of a flavor may weigh: what a pull of one platform downloads.",
    )
    smoke: Smoke = Smoke()
    receipts: Signatory | None = Field(
        default=None,
        description="Whose signed receipts count; anybody's count, signed or not, where nothing is said.",
    )

    def allowed(self, cell: Cell) -> int | None:
        """The budget of an app, or else of a flavor, in bytes; None where it has none."""
        text = self.apps[cell.app.name].budget if cell.app else self.budget.get(cell.flavor.value)
        return parse_size(text) if text else None
