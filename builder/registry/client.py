"""The registry client: one method for every verb of the distribution specification that this project uses."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Self

from builder.model.descriptor import Descriptor
from builder.model.digest import Digest
from builder.model.platform import Platform
from builder.model.reference import Reference, Repository
from builder.registry.errors import NotFoundError
from builder.registry.manifest import Manifest
from builder.registry.outcome import Outcome
from builder.registry.requests import RateLimit, Requests
from builder.registry.settings import Settings

_BLOB_LIMIT = 64 << 20
_NO_ANNOTATIONS: Mapping[str, str] = MappingProxyType({})


class Registry:
    """All registries, through one pool of connections; any number of threads may share it.

    Every method waits out temporary trouble within the settings' budget. It raises a `RegistryError`, whose
    class says what it means: `UnauthorizedError`, `NotFoundError`, `UnavailableError`, `DigestMismatchError`.
    "Not found" is only ever the registry's own definite word.
    """

    def __init__(self, settings: Settings | None = None) -> None:
        # httpx takes a tenth of a second to import, which commands that ask no registry do not spend.
        from builder.registry.http.session import Session

        self._session = Session(settings or Settings.from_environment())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections."""
        self._session.close()

    @property
    def requests(self) -> Requests:
        """What went over the wire so far."""
        return self._session.counters.snapshot()

    @property
    def rate_limits(self) -> Mapping[str, RateLimit]:
        """What registries said, last time, is left of their limits, by host."""
        return MappingProxyType(dict(self._session.rate_limits))

    def resolve(self, reference: Reference) -> Descriptor | None:
        """What a reference points to now; None when the registry says that there is no such thing.

        This costs a HEAD, and is the registry's word: `manifest` is what checks bytes.
        """
        from builder.registry.verbs.manifests import resolve

        return resolve(self._session, reference)

    def manifest(self, reference: Reference, expected: Descriptor | None = None) -> Manifest:
        """A manifest or an index, verified; with `expected`, also to be what an index lists it as."""
        from builder.registry.verbs.manifests import read_manifest

        return read_manifest(self._session, reference, expected)

    def find_manifest(self, reference: Reference) -> Manifest | None:
        """As `manifest`; None when the registry says that there is no such thing."""
        try:
            return self.manifest(reference)
        except NotFoundError:
            return None

    def platforms(self, reference: Reference) -> Mapping[Platform, Descriptor]:
        """The images behind a reference by platform: an index's children, or the one image itself."""
        from builder.registry.verbs.manifests import platforms

        return platforms(self._session, reference)

    def put_manifest(
        self, repository: Repository, content: bytes, media_type: str, *, tag: str | None = None
    ) -> Descriptor:
        """Write these bytes under their digest, or under a tag."""
        from builder.registry.verbs.manifests import put_manifest

        reference = repository.tag(tag) if tag else repository.at(Digest.of(content))
        return put_manifest(self._session, reference, content, media_type)[0]

    def tags(self, repository: Repository) -> tuple[str, ...]:
        """All tags, sorted; none for a repository that the registry does not know."""
        from builder.registry.verbs.manifests import list_tags

        return list_tags(self._session, repository)

    def delete(self, reference: Reference) -> None:
        """Delete a manifest by digest, or a tag where the registry can; what is gone already is fine."""
        from builder.registry.verbs.manifests import delete_manifest

        delete_manifest(self._session, reference)

    def has_blob(self, repository: Repository, digest: Digest) -> bool:
        """Whether the repository has this blob."""
        from builder.registry.verbs.blobs import has_blob

        return has_blob(self._session, repository, digest)

    def blob(self, repository: Repository, descriptor: Descriptor, *, limit: int = _BLOB_LIMIT) -> bytes:
        """A blob in memory, verified; one of more than `limit` bytes is refused."""
        from builder.registry.verbs.blobs import read_blob

        return read_blob(self._session, repository, descriptor, limit)

    def stream_blob(self, repository: Repository, descriptor: Descriptor) -> Iterator[bytes]:
        """A blob piece by piece. Only when the iterator ends without an error was the content right."""
        from builder.registry.verbs.blobs import stream_blob

        return stream_blob(self._session, repository, descriptor)

    def put_blob(
        self, repository: Repository, content: bytes, media_type: str = "application/octet-stream"
    ) -> Descriptor:
        """Have these bytes in the repository; uploaded only when they are not there."""
        from builder.registry.verbs.uploads import in_memory, put_blob

        descriptor = Descriptor.of(media_type, content)
        put_blob(self._session, repository, descriptor, in_memory(content))
        return descriptor

    def put_file(self, repository: Repository, path: Path, media_type: str) -> Descriptor:
        """Have a file's content in the repository, uploaded as a stream."""
        from builder.registry.verbs.uploads import describe_file, in_file, put_blob

        descriptor = describe_file(path, media_type)
        put_blob(self._session, repository, descriptor, in_file(path))
        return descriptor

    def copy_blob(self, source: Repository, destination: Repository, descriptor: Descriptor) -> Outcome:
        """Have a blob of `source` in `destination` too, and say what that took."""
        from builder.registry.verbs.copies import copy_blob

        return copy_blob(self._session, source, destination, descriptor)

    def referrers(
        self, repository: Repository, subject: Digest, artifact_type: str | None = None
    ) -> tuple[Descriptor, ...]:
        """The manifests that refer to `subject`, of one artifact type or of all."""
        from builder.registry.verbs.referrers import list_referrers

        return list_referrers(self._session, repository, subject, artifact_type)

    def attach(
        self,
        repository: Repository,
        subject: Descriptor,
        artifact_type: str,
        content: bytes,
        media_type: str,
        annotations: Mapping[str, str] = _NO_ANNOTATIONS,
    ) -> Descriptor:
        """Push `content` as an artifact that refers to `subject`. The same input gives the same artifact."""
        from builder.registry.verbs.referrers import attach

        return attach(
            self._session,
            repository,
            subject,
            artifact_type=artifact_type,
            content=content,
            media_type=media_type,
            annotations=annotations,
        )

    def refer(self, repository: Repository, artifacts: Iterable[bytes], *, settle: bool = True) -> None:
        """Have these manifests, whose blobs are there, listed as referrers of the subjects that they name.

        Where such lists are tags, others may be writing them too; so they are looked at again after a pause.
        Without `settle` that is left to the caller.
        """
        from builder.registry.verbs.referrers import refer

        refer(self._session, repository, artifacts, settle=settle)

    def check_push(self, repository: Repository) -> None:
        """Find out, without leaving anything behind, whether the registry would take a push.

        Raises:
            RegistryError: `UnauthorizedError` when it would not.
        """
        from builder.registry.verbs.uploads import check_push

        check_push(self._session, repository)
