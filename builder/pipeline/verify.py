"""verify: checks a published image again from the registry alone, with no more than a key or an identity."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError

from builder.matrix.schema.names import Strict, Texts
from builder.model.cell import Level
from builder.model.digest import Digest
from builder.model.errors import BuilderError, ExitCode
from builder.model.reference import Reference, Repository
from builder.registry.client import Registry
from builder.registry.concurrency import map_concurrently
from builder.release.audit import Policy, Published, Result, audit
from builder.release.evidence import Reader
from builder.release.gate import Evidence
from builder.release.latest import refuse_latest
from builder.release.records.ledger import history
from builder.release.records.record import Entry, Record
from builder.release.signing.notary import claims
from builder.release.signing.sign import Verifier


@dataclass(frozen=True, slots=True)
class Verified:
    """What was verified, and the result of each check."""

    reference: Reference
    digest: Digest
    results: tuple[Result, ...]

    @property
    def code(self) -> ExitCode:
        """40 when anything is wrong or was not checked."""
        return ExitCode.DONE if all(result.passed for result in self.results) else ExitCode.REFUSED


def verify(
    registry: Registry, reference: Reference, policy: Policy, verifier: Verifier | None, now: datetime
) -> Verified:
    """Verify an image by tag or by the digest of its index. `now` is UTC.

    Raises:
        BuilderError: (22) when there is no such image; (2x) when the registry could not be asked.
    """
    refuse_latest([reference.tag])
    found = _published(registry, reference, verifier)
    return Verified(reference, found.index.digest, audit(found, policy, now))


def read_policy(file: Path) -> Policy:
    """A consumer's policy: YAML with `level`, `max-age` in days, `attestations` and `signed`.

    Raises:
        BuilderError: (2) when it is none.
    """
    import yaml

    try:
        asked = _Asked.model_validate(yaml.safe_load(file.read_bytes()) or {})
    except (OSError, yaml.YAMLError, ValidationError) as error:
        fix = "Write `level: gpu`, `max-age: 90`, `attestations: [...]`, `signed: true`, or leave them out."
        raise BuilderError(ExitCode.MATRIX, f"it is no policy: {error}", where=str(file), fix=fix) from error
    return Policy(
        Level(asked.level) if asked.level else None,
        timedelta(days=asked.max_age) if asked.max_age else timedelta.max,
        asked.attestations,
        asked.signed,
    )


class _Asked(Strict):
    level: Literal["cpu", "gpu"] | None = None
    max_age: int | None = Field(default=None, ge=1, alias="max-age")
    attestations: Texts = ()
    signed: bool = True


def _published(registry: Registry, reference: Reference, verifier: Verifier | None) -> Published:
    repository = reference.repository
    index = registry.manifest(reference)
    past = history(registry, repository)
    filed = next((filed for filed in past if _names(filed.record, reference.tag, index.digest)), None)
    reader = Reader(registry, verifier)
    children = [child for child in index.children if child.platform]
    seen = map_concurrently(lambda child: reader.gather(repository, child.digest), children)
    platforms = {child.platform: it for child, it in zip(children, seen, strict=True) if child.platform}
    named = {"index": index.digest, **{str(c.platform): c.digest for c in children}}
    if filed:
        named["record"] = filed.digest
    return Published(
        reference=reference,
        index=index,
        record=filed.record if filed else None,
        entry=_entry(filed.record, reference.tag, index.digest) if filed else None,
        platforms=platforms,
        lost=_lost(registry, repository, platforms.values()),
        bases=frozenset(base for it in past for bases in it.record.bases.values() for base in bases),
        claims=claims(reader, verifier, repository, named) if verifier else None,
    )


def _names(record: Record, tag: str, index: Digest) -> bool:
    """Whether a record says where the tag, or without one the index, belongs."""
    return tag in record.pointers if tag else _entry(record, tag, index) is not None


def _entry(record: Record, tag: str, index: Digest) -> Entry | None:
    for entry in record.entries:
        if tag in (*entry.tags, *entry.rolling) or (not tag and entry.index.digest == index):
            return entry
    return None


def _lost(
    registry: Registry, repository: Repository, platforms: Iterable[Evidence | None]
) -> tuple[Digest, ...]:
    """The layers that the registry does not have."""
    layers = sorted({layer.digest for seen in platforms if seen for layer in seen.manifest.layers})
    there = map_concurrently(lambda digest: registry.has_blob(repository, digest), layers)
    return tuple(layer for layer, found in zip(layers, there, strict=True) if not found)
