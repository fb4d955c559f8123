"""Finds out what about published manifests is signed, and by the right one."""

from collections.abc import Iterable, Mapping
from functools import cache

from builder.model.descriptor import Descriptor
from builder.model.digest import Digest
from builder.model.reference import Repository
from builder.registry.concurrency import map_concurrently
from builder.registry.errors import NotFoundError
from builder.release.audit import Claims
from builder.release.evidence import Reader
from builder.release.signing.bundle import BUNDLE, predicate_type, subjects
from builder.release.signing.sign import Verifier

# cosign keeps a core busy.
_WORKERS = 4


def claims(
    reader: Reader, verifier: Verifier, repository: Repository, named: Mapping[str, Digest]
) -> dict[str, Claims]:
    """The signed statements about each of these manifests."""

    @cache
    def statement(payload: Descriptor) -> bytes | str:
        """What is signed, or why it is not; one bundle may be about several manifests."""
        try:
            return verifier.statement(reader.registry.blob(repository, payload))
        except (ValueError, NotFoundError) as error:
            return str(error)

    def about(subject: Digest) -> Claims:
        bundles = [a for a in reader.attached(repository, subject) if a.artifact_type == BUNDLE]
        return _claims(subject, [statement(layer) for bundle in bundles for layer in bundle.layers])

    return dict(zip(named, map_concurrently(about, named.values(), _WORKERS), strict=True))


def _claims(subject: Digest, statements: Iterable[bytes | str]) -> Claims:
    kinds, against = set(), []
    for found in statements:
        match found:
            case str():
                against.append(found)
            case bytes() if subject in subjects(found):
                kinds.add(predicate_type(found))
            case bytes():
                against.append("a signed statement is about something else")
    return Claims(frozenset(kinds), tuple(against))
