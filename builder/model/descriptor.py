"""Descriptors and media types of the OCI image specification 1.1."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Self

from builder.model.digest import Digest
from builder.model.platform import Platform

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
EMPTY = "application/vnd.oci.empty.v1+json"
DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_INDEX = "application/vnd.docker.distribution.manifest.list.v2+json"

INDEXES = frozenset({INDEX, DOCKER_INDEX})
MANIFESTS = frozenset({MANIFEST, DOCKER_MANIFEST})


@dataclass(frozen=True, slots=True)
class Descriptor:
    """What a manifest or an index says of content it points to. `size` is in bytes."""

    media_type: str
    digest: Digest
    size: int
    platform: Platform | None = None
    artifact_type: str = ""
    annotations: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), hash=False)

    @classmethod
    def of(cls, media_type: str, content: bytes, platform: Platform | None = None) -> Self:
        """The descriptor of these bytes."""
        return cls(media_type, Digest.of(content), len(content), platform)

    @classmethod
    def parse(cls, data: Mapping[str, Any]) -> Self:
        """Read a descriptor's JSON object.

        Raises:
            ValueError: when a required property is missing or has the wrong type.
        """
        match data:
            case {"mediaType": str(media_type), "digest": str(digest), "size": int(size)} if (
                size >= 0 and not isinstance(size, bool)
            ):
                pass
            case _:
                raise ValueError("a descriptor needs mediaType, digest and a size that is not negative")
        platform = data.get("platform")
        annotations = data.get("annotations") or {}
        if not isinstance(annotations, Mapping):
            raise ValueError("a descriptor's annotations are an object of strings")
        return cls(
            media_type,
            Digest.parse(digest),
            size,
            _platform(platform) if platform else None,
            str(data.get("artifactType") or ""),
            MappingProxyType({str(key): str(value) for key, value in annotations.items()}),
        )

    def json(self) -> dict[str, Any]:
        """The descriptor as the specification writes it, properties that are not set left out."""
        data: dict[str, Any] = {"mediaType": self.media_type, "digest": str(self.digest), "size": self.size}
        if self.platform:
            data["platform"] = {"architecture": self.platform.architecture, "os": self.platform.os}
            if self.platform.variant:
                data["platform"]["variant"] = self.platform.variant
        if self.artifact_type:
            data["artifactType"] = self.artifact_type
        if self.annotations:
            data["annotations"] = dict(self.annotations)
        return data


def _platform(data: object) -> Platform:
    match data:
        case {"os": str(os), "architecture": str(architecture), **rest}:
            variant = rest.get("variant") or ""
            return Platform.parse("/".join(filter(None, (os, architecture, str(variant)))))
        case _:
            raise ValueError("a descriptor's platform needs os and architecture")
