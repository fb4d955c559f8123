"""Writing blobs: in chunks, resumed where a connection broke off, and none that is there already."""

import hashlib
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import httpx

from builder.model.descriptor import Descriptor
from builder.model.digest import Digest
from builder.model.reference import Repository
from builder.registry.errors import DigestMismatchError, RegistryError, UnauthorizedError, UnavailableError
from builder.registry.http.ask import Ask
from builder.registry.http.redirect import target
from builder.registry.http.session import Session
from builder.registry.verbs.blobs import has_blob
from builder.registry.verbs.paths import push

# The content from this byte on; called anew whenever an upload resumes.
Source: TypeAlias = Callable[[int], Iterator[bytes]]

# Up to this many bytes go along with the request that closes the upload.
_SMALL = 1 << 20
# Fewer bytes than this between two broken connections are not progress.
_PROGRESS = 64 << 10
_PIECE = 256 << 10
_RANGE = re.compile(r"(?:bytes=)?0-(\d{1,19})")
_FIX = "Run again; if it stays, look at the registry's quotas, and at proxies that limit the size of uploads."


@dataclass(frozen=True, slots=True)
class Upload:
    """An open upload: where it goes on, and how many bytes the registry has."""

    location: str
    offset: int = 0


class _LostError(UnavailableError):
    """The upload expired, or was closed by a try whose answer got lost."""


def put_blob(session: Session, repository: Repository, descriptor: Descriptor, source: Source) -> bool:
    """Have the blob in the repository. Returns whether it had to be uploaded."""
    if is_there(session, repository, descriptor):
        return False
    transfer(session, repository, descriptor, source)
    return True


def is_there(session: Session, repository: Repository, descriptor: Descriptor) -> bool:
    """Whether an upload can be spared. Registries that deny the question get the upload."""
    try:
        return has_blob(session, repository, descriptor.digest, push(repository))
    except UnauthorizedError:
        return False


def transfer(
    session: Session,
    repository: Repository,
    descriptor: Descriptor,
    source: Source,
    upload: Upload | None = None,
) -> None:
    """Upload the blob, into an upload that is open already if there is one."""
    sender = _Sender(session, repository, descriptor, source)
    tries, furthest = session.tries(), 0
    while True:
        upload = upload or sender.begin()
        try:
            if sender.is_complete(upload):
                sender.close(upload)
                break
            upload = sender.send(upload)
        except RegistryError as error:
            tries.again(error)
            if is_there(session, repository, descriptor):
                break
            upload = None if isinstance(error, _LostError | DigestMismatchError) else sender.resume(upload)
        if upload and upload.offset >= furthest + _PROGRESS:
            furthest = upload.offset
            tries.progressed()
    session.pushes.note_blob(repository, descriptor.digest)


@dataclass(frozen=True, slots=True)
class _Sender:
    session: Session
    repository: Repository
    descriptor: Descriptor
    source: Source

    def begin(self) -> Upload:
        return _begin(self.session, self.repository, f"{self.repository}@{self.descriptor.digest}")

    def is_complete(self, upload: Upload) -> bool:
        """Whether closing is all that is left; a small blob goes along with that."""
        return upload.offset == self.descriptor.size or (upload.offset == 0 and self._is_small)

    def close(self, upload: Upload) -> None:
        rest = b"".join(self.source(0)) if upload.offset == 0 and self._is_small else b""
        closing = f"{upload.location}{'&' if '?' in upload.location else '?'}digest={self.descriptor.digest}"
        ask = self._ask("PUT", closing, {201, 204, 404}, rest, seconds=self.session.settings.commit_seconds)
        with self.session.open(ask) as response:
            _check_open(response, ask)

    @property
    def _is_small(self) -> bool:
        return self.descriptor.size <= _SMALL

    def send(self, upload: Upload) -> Upload:
        """One chunk; the registry's word on how far it got decides."""
        at = upload.offset
        end = min(self.descriptor.size, at + self.session.settings.chunk)
        whole = end - at == self.descriptor.size
        ask = self._ask(
            "PATCH",
            upload.location,
            {202, 204, 404, 416},
            lambda: _first(self.source(at), end - at),
            # Sent as a range only when it is one: some registries take single streams alone.
            headers={"Content-Length": str(end - at)}
            | ({} if whole else {"Content-Range": f"{at}-{end - 1}"}),
        )
        with self.session.open(ask) as response:
            _check_open(response, ask)
            arrived = _arrived(response)
            if arrived is not None and arrived != end:
                raise UnavailableError("a part of the upload did not arrive", where=ask.where, fix=_FIX)
            return Upload(location(response, ask), end)

    def resume(self, upload: Upload) -> Upload | None:
        """Where an interrupted upload stands; None when it has to begin anew."""
        # The reference implementation signs the offset into the location, and cancels an upload of which it
        # got more; others tell how far it got.
        ask = self._ask("GET", upload.location, {204, 400, 404, 405, 416})

        def read(response: httpx.Response) -> Upload | None:
            arrived = _arrived(response)
            # 0-0 says "one byte" in the specification and "nothing" in the reference implementation.
            if response.status_code != httpx.codes.NO_CONTENT or arrived is None or arrived <= 1:
                return None
            return Upload(location(response, ask), arrived)

        return self.session.call(ask, read)

    def _ask(
        self,
        method: str,
        url: str,
        accept: set[int],
        body: bytes | Callable[[], Iterator[bytes]] = b"",
        *,
        headers: dict[str, str] | None = None,
        seconds: float | None = None,
    ) -> Ask:
        return Ask(
            method,
            url,
            where=f"{self.repository}@{self.descriptor.digest}",
            registry=self.repository.registry,
            scopes=push(self.repository),
            headers={"Content-Type": "application/octet-stream", **(headers or {})} if body else {},
            body=body,
            accept=frozenset(accept),
            counted="blob_bytes",
            seconds=seconds,
        )


def check_push(session: Session, repository: Repository) -> None:
    """Open an upload and close it again, which is as much as a registry can be asked without a push."""
    upload = _begin(session, repository, str(repository))
    cancel(session, repository, upload)


def describe_file(path: Path, media_type: str) -> Descriptor:
    """The descriptor of a file's content."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
        return Descriptor(media_type, Digest("sha256", digest.hexdigest()), file.tell())


def in_file(path: Path) -> Source:
    """A file's content."""

    def read(start: int) -> Iterator[bytes]:
        with path.open("rb") as file:
            file.seek(start)
            while piece := file.read(_PIECE):
                yield piece

    return read


def in_memory(content: bytes) -> Source:
    """These bytes."""
    return lambda start: iter((content[start:],))


def cancel(session: Session, repository: Repository, upload: Upload) -> None:
    """Close an upload that is not needed. One that stays open expires, so failing is no trouble."""
    ask = Ask("DELETE", upload.location, str(repository), repository.registry, push(repository))
    with suppress(RegistryError), session.open(ask):
        pass


def _begin(session: Session, repository: Repository, where: str) -> Upload:
    path = f"/v2/{repository.path}/blobs/uploads/"
    ask = Ask("POST", path, where, repository.registry, push(repository), accept=frozenset({202}))
    return session.call(ask, lambda response: Upload(location(response, ask)))


def location(response: httpx.Response, ask: Ask) -> str:
    """Where an upload goes on.

    Raises:
        RegistryError: when the registry does not say, or names a place where no upload should go.
    """
    return str(target(ask, response))


def _check_open(response: httpx.Response, ask: Ask) -> None:
    match response.status_code:
        case httpx.codes.NOT_FOUND:
            raise _LostError("its upload was lost", where=ask.where, fix=_FIX)
        case httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
            raise UnavailableError("it has another part of the upload", where=ask.where, fix=_FIX)


def _arrived(response: httpx.Response) -> int | None:
    """How many bytes the registry says it has."""
    found = _RANGE.fullmatch(response.headers.get("range", ""))
    return int(found[1]) + 1 if found else None


def _first(pieces: Iterator[bytes], size: int) -> Iterator[bytes]:
    for piece in pieces:
        yield piece[:size]
        size -= len(piece)
        if size <= 0:
            return
