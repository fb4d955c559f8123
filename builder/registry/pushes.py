"""What this client pushed itself: for a while, that this is not found means lag, and nothing else does."""

from threading import Lock

from builder.model.digest import Digest
from builder.model.reference import Reference, Repository


class Pushes:
    """Blobs and manifests of this client's own making; safe to use from many threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._blobs: set[tuple[Repository, Digest]] = set()
        self._manifests: dict[Reference, Digest] = {}
        self._repositories: set[Repository] = set()

    def note_blob(self, repository: Repository, digest: Digest) -> None:
        """A blob was pushed or mounted."""
        with self._lock:
            self._blobs.add((repository, digest))
            self._repositories.add(repository)

    def note_manifest(self, reference: Reference, digest: Digest) -> None:
        """A manifest was pushed under this reference, and so under its digest."""
        with self._lock:
            self._manifests[reference] = digest
            self._manifests[reference.repository.at(digest)] = digest
            self._repositories.add(reference.repository)

    def forget(self, reference: Reference) -> None:
        """This was deleted: a tag alone, or a digest with all its tags."""
        with self._lock:
            gone = reference.digest
            self._manifests = {
                known: digest
                for known, digest in self._manifests.items()
                if known != reference and not (digest == gone and known.repository == reference.repository)
            }

    def has_blob(self, repository: Repository, digest: Digest) -> bool:
        """Whether this blob is of our making."""
        with self._lock:
            return (repository, digest) in self._blobs

    def has_manifest(self, reference: Reference) -> bool:
        """Whether this manifest is of our making."""
        with self._lock:
            return reference in self._manifests

    def has_any(self, repository: Repository) -> bool:
        """Whether anything in this repository is."""
        with self._lock:
            return repository in self._repositories
