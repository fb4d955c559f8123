"""Where CUDA comes from: the settings of each source."""

from collections.abc import Mapping
from functools import cached_property
from typing import Annotated

from pydantic import Field

from builder.matrix.schema.names import FlavorName, Repositories, RepositoryName, Strict, Values, Word
from builder.model.cell import Source


class SourceSettings(Strict):
    """Where a source's base images come from."""

    repository: RepositoryName
    mirrors: Repositories = Field(
        default=(),
        description="Stand-ins for `repository`, tried in this order before it. All must agree on digests.",
    )


class UpstreamSettings(SourceSettings):
    """NVIDIA's CUDA images."""

    repository: RepositoryName = Field(
        default="nvcr.io/nvidia/cuda", description="The repository of the bases: `<cuda>-<flavor>-<os>`."
    )


class SystemSettings(SourceSettings):
    """Plain OS images."""

    repository: RepositoryName = Field(
        default="docker.io/library", description="The namespace of plain OS images: `debian`, `ubuntu`."
    )


class WheelSettings(SystemSettings):
    """CUDA from NVIDIA's wheels on a plain OS image."""

    components: dict[FlavorName, Values] = Field(
        default_factory=dict,
        description=(
            "Parts of the CUDA toolkit per flavor, instead of NVIDIA's own split: extras of the "
            "`cuda-toolkit` wheel, and `cudnn` and `nccl`."
        ),
    )


class NgcRelease(Strict):
    """What a release of NVIDIA's PyTorch image holds, as its release notes say. The smoke test proves it."""

    cuda: Word = Field(description="Its CUDA toolkit: `13.0.1`.")
    os: Word = Field(default="ubuntu24.04", description="Its operating system.")
    torch: Word = Field(description="Its torch, as `torch.__version__` has it.")
    python: Word = Field(description="Its Python: `3.12`.")


class NgcSettings(SourceSettings):
    """NVIDIA's PyTorch images: torch comes with the base."""

    repository: RepositoryName = Field(
        default="nvcr.io/nvidia/pytorch", description="The repository of the bases: `<YY.MM>-py3`."
    )
    releases: dict[Annotated[str, Field(pattern=r"^[0-9]{2}\.[0-9]{2}$")], NgcRelease] = Field(
        default_factory=dict,
        description=(
            "The releases to use, by `YY.MM`. A cell of the source `ngc-pytorch` starts from the release "
            "that has its `cuda` and `os`, and takes torch and Python from it."
        ),
    )

    @cached_property
    def newest(self) -> Mapping[tuple[str, str], tuple[str, NgcRelease]]:
        """The newest release with each CUDA and system."""
        return {(held.cuda, held.os): (name, held) for name, held in sorted(self.releases.items())}


class Sources(Strict):
    """Settings per source of CUDA; each has a default."""

    upstream: UpstreamSettings = Field(
        default=UpstreamSettings(),
        description="NVIDIA's CUDA images, `<cuda>-<flavor>-<os>`.",
    )
    wheels: WheelSettings = Field(
        default=WheelSettings(),
        description="A plain OS image plus NVIDIA's wheels; complete from CUDA 13.0 on.",
    )
    ngc_pytorch: NgcSettings = Field(
        default=NgcSettings(), alias="ngc-pytorch", description="NVIDIA's PyTorch images, `<YY.MM>-py3`."
    )
    cpu: SystemSettings = Field(
        default=SystemSettings(),
        description="A plain OS image without CUDA, for `cuda: cpu`.",
    )

    def of(self, source: Source) -> SourceSettings:
        """The settings of one source."""
        return {
            Source.UPSTREAM: self.upstream,
            Source.WHEELS: self.wheels,
            Source.NGC_PYTORCH: self.ngc_pytorch,
            Source.CPU: self.cpu,
        }[source]
