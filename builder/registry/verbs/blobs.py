"""Reading blobs: bounded in memory or streamed, always verified, resumed where a connection broke off."""

import hashlib
import re
from collections.abc import Iterator

import httpx

from builder.model.descriptor import Descriptor
from builder.model.digest import Digest
from builder.model.reference import Repository
from builder.registry.errors import DigestMismatchError, NotFoundError, RegistryError, UnavailableError
from builder.registry.http.ask import Ask
from builder.registry.http.body import read_body
from builder.registry.http.session import Session
from builder.registry.verbs.paths import blob_path, pull

_RANGE = re.compile(r"bytes (\d{1,19})-")
_FIX = "Run again; if it stays, the registry's copy is damaged and has to be pushed anew."
# Fewer bytes than this between two broken connections are not progress.
_PROGRESS = 64 << 10


def has_blob(session: Session, repository: Repository, digest: Digest, scopes: tuple[str, ...] = ()) -> bool:
    """Whether the repository has this blob."""
    ask = Ask(
        "HEAD",
        blob_path(repository, digest),
        where=f"{repository}@{digest}",
        registry=repository.registry,
        scopes=scopes or pull(repository),
        ours=session.pushes.has_blob(repository, digest),
    )
    try:
        return session.call(ask, lambda _: True)
    except NotFoundError:
        return False


def read_blob(session: Session, repository: Repository, descriptor: Descriptor, limit: int) -> bytes:
    """The content of a blob of at most `limit` bytes."""
    where = f"{repository}@{descriptor.digest}"
    if descriptor.size > limit:
        raise RegistryError(
            f"it is said to be {descriptor.size:,} bytes; at most {limit:,} are read into memory",
            where=where,
            fix="Look at the manifest that names it: a config or a receipt is never that large.",
        )

    def read(response: httpx.Response) -> bytes:
        content = read_body(response, descriptor.size, where)
        if len(content) != descriptor.size or not descriptor.digest.matches(content):
            raise _mismatch(where)
        return content

    return session.call(_get(session, repository, descriptor, 0), read)


def stream_blob(session: Session, repository: Repository, descriptor: Descriptor) -> Iterator[bytes]:
    """The content piece by piece; the end is reached only when the digest fits.

    Raises:
        DigestMismatchError: when it does not, after the last piece.
    """
    hashed = hashlib.new(descriptor.digest.algorithm)
    for piece in stream_from(session, repository, descriptor, 0):
        hashed.update(piece)
        yield piece
    if hashed.hexdigest() != descriptor.digest.hex:
        raise _mismatch(f"{repository}@{descriptor.digest}")


def stream_from(
    session: Session, repository: Repository, descriptor: Descriptor, start: int
) -> Iterator[bytes]:
    """The content from byte `start` on, exactly as many bytes as the descriptor says, not verified."""
    where = f"{repository}@{descriptor.digest}"
    at, tries = start, session.tries()
    while at < descriptor.size:
        before, ask = at, _get(session, repository, descriptor, at)
        try:
            with session.open(ask) as response:
                for piece in _pieces(response, at, where):
                    at += len(piece)
                    if at > descriptor.size:
                        raise _mismatch(where)
                    yield piece
            if at < descriptor.size:
                raise UnavailableError("its content ends early", where=where, fix=_FIX)
        except RegistryError as error:
            if at - before >= _PROGRESS:
                tries.progressed()
            tries.again(error, lag=ask.ours)


def _get(session: Session, repository: Repository, descriptor: Descriptor, start: int) -> Ask:
    return Ask(
        "GET",
        blob_path(repository, descriptor.digest),
        where=f"{repository}@{descriptor.digest}",
        registry=repository.registry,
        scopes=pull(repository),
        headers={"Range": f"bytes={start}-"} if start else {},
        accept=frozenset({200, 206}),
        ours=session.pushes.has_blob(repository, descriptor.digest),
    )


def _pieces(response: httpx.Response, start: int, where: str) -> Iterator[bytes]:
    """The body from byte `start` of the blob on, also where a registry ignores Range and sends all of it."""
    skip = start
    if response.status_code == httpx.codes.PARTIAL_CONTENT:
        answered = _RANGE.match(response.headers.get("content-range", ""))
        if not answered or int(answered[1]) != start:
            raise RegistryError("it sends another range than it was asked for", where=where, fix=_FIX)
        skip = 0
    for piece in response.iter_raw():
        if skip < len(piece):
            yield piece[skip:]
        skip = max(0, skip - len(piece))


def _mismatch(where: str) -> DigestMismatchError:
    return DigestMismatchError("its content is not what its digest and size say", where=where, fix=_FIX)
