"""Release records: what every tag of a release repository points to after a release, and did before.

A record is written when everything that it names is in the repository, and before the first tag moves. So it
is a redo log as well: whoever finds tags that differ from the newest record can finish what was begun.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Any

from builder.bake.recipe import canonical
from builder.model.cell import Level
from builder.model.descriptor import EMPTY, MANIFEST, Descriptor
from builder.model.digest import Digest
from builder.model.platform import Platform

ARTIFACT_TYPE = "application/vnd.cuda-image-builder.release.v1+json"
EMPTY_CONFIG = b"{}"
_NAME = re.compile(r"release-([0-9]{8})-([1-9][0-9]*)")


@dataclass(frozen=True, slots=True)
class Entry:
    """A target as it is published: since which epoch, its index, that one's platforms, and its tags.

    `required` is the level of test that the policy asked for on each platform.
    """

    target: str
    epoch: date
    index: Descriptor
    platforms: Mapping[Platform, Digest] = field(hash=False)
    required: Mapping[Platform, Level] = field(hash=False)
    tags: tuple[str, ...]
    rolling: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Record:
    """A release of a repository.

    `number` counts its releases from 1. `entries` are all targets, those that this release left alone too.
    `former` has the tags that it creates or moves, with what they pointed to, None where they did not exist.
    `withdrawn` are indexes that a rollback took away: no rolling tag goes there again by itself. `rollback`
    names the record that this one goes back to. `bases` are the digests of the lock's bases, by name.
    """

    number: int
    epoch: date
    entries: tuple[Entry, ...]
    former: Mapping[str, Digest | None] = field(hash=False)
    withdrawn: frozenset[Digest] = frozenset()
    rollback: str = ""
    bases: Mapping[str, tuple[Digest, ...]] = field(default_factory=lambda: MappingProxyType({}), hash=False)

    @property
    def name(self) -> str:
        """Its tag: `release-20260701-12`."""
        return f"release-{self.epoch:%Y%m%d}-{self.number}"

    @property
    def immutable(self) -> Mapping[str, Descriptor]:
        """Where the immutable tags point."""
        return MappingProxyType({tag: entry.index for entry in self.entries for tag in entry.tags})

    @property
    def rolling(self) -> Mapping[str, Descriptor]:
        """Where the rolling tags point."""
        return MappingProxyType({tag: entry.index for entry in self.entries for tag in entry.rolling})

    @property
    def pointers(self) -> Mapping[str, Descriptor]:
        """Where all its tags point."""
        return MappingProxyType({**self.immutable, **self.rolling})

    def entry(self, target: str) -> Entry | None:
        """The target's entry."""
        return next((entry for entry in self.entries if entry.target == target), None)


def newest(tags: Iterable[str]) -> str | None:
    """The name of the newest record among a repository's tags."""
    return max(filter(is_record, tags), key=order, default=None)


def order(name: str) -> tuple[int, str]:
    """By what records are newer than others: their number, and of one number the epoch.

    Raises:
        ValueError: for what is no record's name.
    """
    match = _NAME.fullmatch(name)
    if match is None:
        raise ValueError(f"{name!r} is no release")
    return int(match[2]), match[1]


def is_record(tag: str) -> bool:
    """Whether a tag has the form of a record's name."""
    return _NAME.fullmatch(tag) is not None


def artifact(record: Record) -> tuple[bytes, bytes]:
    """The manifest of a record's artifact, and its payload; equal records have equal bytes."""
    payload = canonical(_json(record))
    manifest = canonical(
        {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "artifactType": ARTIFACT_TYPE,
            "config": Descriptor.of(EMPTY, EMPTY_CONFIG).json(),
            "layers": [Descriptor.of(ARTIFACT_TYPE, payload).json()],
            "annotations": {"org.opencontainers.image.title": record.name},
        }
    )
    return manifest, payload


def digest_of(record: Record) -> Digest:
    """The digest of a record's artifact."""
    return Digest.of(artifact(record)[0])


def parse(payload: bytes) -> Record:
    """Read a record's payload.

    Raises:
        ValueError: when it is none.
    """
    try:
        return _record(json.loads(payload))
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"it is no release record: {error!r}") from error


def _json(record: Record) -> dict[str, Any]:
    return {
        "number": record.number,
        "epoch": record.epoch.isoformat(),
        "targets": {entry.target: _entry_json(entry) for entry in record.entries},
        "former": {tag: str(digest) if digest else None for tag, digest in record.former.items()},
        "withdrawn": sorted(map(str, record.withdrawn)),
        "rollback": record.rollback,
        "bases": {name: list(map(str, digests)) for name, digests in record.bases.items()},
    }


def _entry_json(entry: Entry) -> dict[str, Any]:
    return {
        "epoch": entry.epoch.isoformat(),
        "index": entry.index.json(),
        "platforms": {
            str(platform): {"digest": str(digest), "required": str(entry.required[platform])}
            for platform, digest in entry.platforms.items()
        },
        "tags": list(entry.tags),
        "rolling": list(entry.rolling),
    }


def _record(data: Mapping[str, Any]) -> Record:
    return Record(
        number=int(data["number"]),
        epoch=date.fromisoformat(data["epoch"]),
        entries=tuple(_entry(name, entry) for name, entry in sorted(data["targets"].items())),
        former={tag: Digest.parse(text) if text else None for tag, text in data["former"].items()},
        withdrawn=frozenset(map(Digest.parse, data["withdrawn"])),
        rollback=str(data["rollback"]),
        bases={name: tuple(map(Digest.parse, digests)) for name, digests in data["bases"].items()},
    )


def _entry(target: str, data: Mapping[str, Any]) -> Entry:
    platforms = data["platforms"].items()
    return Entry(
        target=target,
        epoch=date.fromisoformat(data["epoch"]),
        index=Descriptor.parse(data["index"]),
        platforms={Platform.parse(name): Digest.parse(told["digest"]) for name, told in platforms},
        required={Platform.parse(name): Level(told["required"]) for name, told in platforms},
        tags=tuple(map(str, data["tags"])),
        rolling=tuple(map(str, data["rolling"])),
    )
