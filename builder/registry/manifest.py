"""Manifests and indexes: their bytes, and what the bytes say."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Self

from builder.model.descriptor import (
    DOCKER_INDEX,
    DOCKER_MANIFEST,
    INDEX,
    INDEXES,
    MANIFEST,
    MANIFESTS,
    Descriptor,
)
from builder.model.digest import Digest
from builder.model.platform import Platform

ACCEPT = f"{MANIFEST}, {INDEX}, {DOCKER_MANIFEST}, {DOCKER_INDEX}"
# What the distribution specification has registries take at least; none takes much more.
MANIFEST_LIMIT = 4 << 20
_KNOWN = MANIFESTS | INDEXES
_VAGUE = frozenset({"", "application/json", "application/octet-stream", "text/plain"})
# BuildKit's attestation manifests are listed in an index under this platform.
_UNKNOWN = Platform("unknown", "unknown")


@dataclass(frozen=True, slots=True)
class Manifest:
    """A manifest or an index, byte for byte, with the digest of these bytes."""

    content: bytes = field(repr=False)
    media_type: str
    digest: Digest
    children: tuple[Descriptor, ...] = ()
    config: Descriptor | None = None
    layers: tuple[Descriptor, ...] = ()
    subject: Descriptor | None = None
    artifact_type: str = ""
    annotations: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), hash=False)

    @classmethod
    def parse(cls, content: bytes, media_type: str = "") -> Self:
        """Read a manifest; `media_type` is what the registry calls it, empty when nobody said.

        Raises:
            ValueError: when the bytes are no manifest, are schema 1, or are not what `media_type` says.
        """
        data = _json_object(content)
        media_type = _media_type(data, media_type.partition(";")[0].strip().lower())
        is_index = media_type in INDEXES
        subject = data.get("subject")
        return cls(
            content,
            media_type,
            Digest.of(content),
            _descriptors(data, "manifests") if is_index else (),
            None if is_index else _descriptor(data.get("config"), "config"),
            () if is_index else _descriptors(data, "layers"),
            _descriptor(subject, "subject") if subject is not None else None,
            str(data.get("artifactType") or ""),
            _annotations(data),
        )

    @property
    def descriptor(self) -> Descriptor:
        """What an index would say of it, platform left out."""
        return Descriptor(self.media_type, self.digest, len(self.content), artifact_type=self.artifact_type)

    @property
    def size(self) -> int:
        """The compressed bytes of the layers: what a pull downloads. 0 for an index."""
        return sum(layer.size for layer in self.layers)

    @property
    def is_index(self) -> bool:
        """Whether it lists manifests, and has no layers of its own."""
        return self.media_type in INDEXES

    def json(self) -> dict[str, Any]:
        """The content as JSON."""
        return _json_object(self.content)

    def platforms(self) -> Mapping[Platform, Descriptor]:
        """The children of an index by platform; attestations are left out.

        Raises:
            ValueError: when a child is an index itself, has no platform, or repeats one.
        """
        found: dict[Platform, Descriptor] = {}
        for child in self.children:
            if child.media_type in INDEXES:
                raise ValueError(f"it holds another index, {child.digest}")
            if child.platform is None:
                raise ValueError(f"its child {child.digest} has no platform")
            if child.platform == _UNKNOWN:
                continue
            if child.platform in found:
                raise ValueError(f"it lists {child.platform} twice")
            found[child.platform] = child
        return MappingProxyType(found)


def platform_of(config: bytes) -> Platform:
    """The platform that an image's config names.

    Raises:
        ValueError: when it names none.
    """
    match _json_object(config):
        case {"os": str(os), "architecture": str(architecture), **rest} if os and architecture:
            return Platform.parse("/".join(filter(None, (os, architecture, str(rest.get("variant") or "")))))
        case _:
            raise ValueError("its config names no platform")


def _json_object(content: bytes) -> dict[str, Any]:
    try:
        data = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise ValueError("it is not JSON") from error
    if not isinstance(data, dict):
        raise ValueError("it is not a JSON object")
    return data


def _media_type(data: Mapping[str, Any], said: str) -> str:
    """What this really is. Content that can be read as two types is refused (CVE-2021-41190)."""
    if data.get("schemaVersion") == 1 or "fsLayers" in data:
        raise ValueError(
            "it is a schema 1 manifest, which no longer says what it contains; push the image anew"
        )
    inside = data.get("mediaType", "")
    if not isinstance(inside, str):
        raise ValueError("its media type is not text")
    listed, layered = "manifests" in data, "layers" in data or "config" in data
    if listed == layered:
        raise ValueError("it is neither a manifest nor an index")
    shape = INDEX if listed else MANIFEST
    if said in _VAGUE:
        said = inside or shape
    if said not in _KNOWN:
        raise ValueError(f"its media type {said[:100]!r} is neither a manifest's nor an index's")
    if inside not in ("", said):
        raise ValueError(f"it was served as {said} but calls itself {inside[:100]!r}")
    if (said in INDEXES) != listed:
        raise ValueError(f"it was served as {said} but has the shape of {shape}")
    return said


def _descriptors(data: Mapping[str, Any], key: str) -> tuple[Descriptor, ...]:
    items = data.get(key, [])
    if not isinstance(items, list):
        raise ValueError(f"its {key} are not a list")
    return tuple(_descriptor(item, key) for item in items)


def _descriptor(data: object, key: str) -> Descriptor:
    if not isinstance(data, dict):
        raise ValueError(f"its {key} lacks a descriptor")
    try:
        return Descriptor.parse(data)
    except ValueError as error:
        raise ValueError(f"in its {key}: {error}") from error


def _annotations(data: Mapping[str, Any]) -> Mapping[str, str]:
    annotations = data.get("annotations") or {}
    if not isinstance(annotations, dict):
        raise ValueError("its annotations are not an object")
    return MappingProxyType({str(key): str(value) for key, value in annotations.items()})
