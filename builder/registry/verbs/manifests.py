"""Manifests and tags: asking, reading, writing, listing, deleting."""

import re
from collections.abc import Mapping
from contextlib import suppress

import httpx

from builder.model.descriptor import INDEXES, MANIFESTS, Descriptor
from builder.model.digest import Digest
from builder.model.platform import Platform
from builder.model.reference import Reference, Repository, is_tag
from builder.registry.errors import DigestMismatchError, NotFoundError, RegistryError
from builder.registry.http.ask import Ask
from builder.registry.http.body import read_body
from builder.registry.http.session import Session
from builder.registry.manifest import ACCEPT, MANIFEST_LIMIT, Manifest, platform_of
from builder.registry.verbs.blobs import read_blob
from builder.registry.verbs.pages import paginate
from builder.registry.verbs.paths import delete as delete_scope
from builder.registry.verbs.paths import manifest_path, pull, push

_FIX = "Run again; if it stays, a proxy or the registry changes what was pushed."
_ETAG = re.compile(r'"?(sha(?:256:[0-9a-f]{64}|512:[0-9a-f]{128}))"?')
_PAGE = 1000
_MOST_TAGS = 500_000


def resolve(session: Session, reference: Reference) -> Descriptor | None:
    """What a reference points to, by the registry's word; None when that is "nothing"."""
    ask = _ask(session, "HEAD", reference, {200, 403, 405, 501})
    try:
        described = session.call(ask, lambda response: _described(response, reference))
        return described or read_manifest(session, reference).descriptor
    except NotFoundError:
        return None


def read_manifest(session: Session, reference: Reference, expected: Descriptor | None = None) -> Manifest:
    """A manifest whose bytes have the digest that was asked for, or that the registry gives for the tag."""

    def read(response: httpx.Response) -> Manifest:
        content = read_body(response, MANIFEST_LIMIT, str(reference))
        said = _digest(response, reference)
        for digest in filter(None, (reference.digest, said)):
            if not digest.matches(content):
                raise _mismatch(reference, f"its content has not the digest {digest}")
        manifest = _parse(content, response.headers.get("content-type", ""), str(reference))
        if expected and (len(content), manifest.media_type) != (expected.size, expected.media_type):
            raise _mismatch(
                reference,
                f"it is not the {expected.size:,} bytes of {expected.media_type} that it is listed as",
            )
        return manifest

    return session.call(_ask(session, "GET", reference, {200}), read)


def platforms(session: Session, reference: Reference) -> Mapping[Platform, Descriptor]:
    """The images behind a reference by platform. A single manifest's platform is in its config."""
    manifest = read_manifest(session, reference)
    try:
        if manifest.is_index:
            return manifest.platforms()
        content = read_blob(session, reference.repository, _config(manifest), MANIFEST_LIMIT)
        return {platform_of(content): manifest.descriptor}
    except ValueError as error:
        raise _unusable(str(reference), error) from error


def put_manifest(
    session: Session, reference: Reference, content: bytes, media_type: str, *, once: bool = False
) -> tuple[Descriptor, bool]:
    """Write a manifest, trying a single time if `once`. Also returns whether its subject was noted."""
    manifest = _parse(content, media_type, str(reference))
    digest = reference.digest or manifest.digest
    ask = Ask(
        "PUT",
        manifest_path(reference),
        where=str(reference),
        registry=reference.repository.registry,
        scopes=push(reference.repository),
        headers={"Content-Type": media_type},
        body=content,
        accept=frozenset({200, 201, 202}),
        # What the manifest lists may have been pushed a moment ago.
        ours=session.pushes.has_any(reference.repository),
        counted="manifest_bytes",
    )

    def read(response: httpx.Response) -> bool:
        said = _digest(response, reference)
        if said and said.algorithm == digest.algorithm and said != digest:
            raise _mismatch(reference, f"the registry stored {said} where {digest} was sent")
        subject = response.headers.get("oci-subject")
        return manifest.subject is not None and subject == str(manifest.subject.digest)

    noted = session.once(ask, read) if once else session.call(ask, read)
    session.pushes.note_manifest(reference, digest)
    return manifest.descriptor, noted


def delete_manifest(session: Session, reference: Reference) -> None:
    """Delete a manifest, or a tag where the registry can; what is not there is deleted already."""
    ask = Ask(
        "DELETE",
        manifest_path(reference),
        where=str(reference),
        registry=reference.repository.registry,
        scopes=delete_scope(reference.repository),
        accept=frozenset({200, 202, 204}),
    )
    with suppress(NotFoundError):
        session.call(ask, lambda _: None)
    session.pushes.forget(reference)


def list_tags(session: Session, repository: Repository) -> tuple[str, ...]:
    """All tags, sorted; none for a repository that the registry does not know."""
    ask = Ask(
        "GET",
        f"/v2/{repository.path}/tags/list?n={_PAGE}",
        where=str(repository),
        registry=repository.registry,
        scopes=pull(repository),
    )
    try:
        return tuple(sorted(set(paginate(session, ask, "tags", _tag, _MOST_TAGS))))
    except NotFoundError:
        return ()


def _ask(session: Session, method: str, reference: Reference, accept: set[int]) -> Ask:
    return Ask(
        method,
        manifest_path(reference),
        where=str(reference),
        registry=reference.repository.registry,
        scopes=pull(reference.repository),
        headers={"Accept": ACCEPT},
        accept=frozenset(accept),
        ours=session.pushes.has_manifest(reference),
    )


def _described(response: httpx.Response, reference: Reference) -> Descriptor | None:
    """What the headers say; None where they leave something out or deny it, and a GET has to tell."""
    digest = _digest(response, reference)
    media_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    size = response.headers.get("content-length", "")
    if (
        response.status_code != httpx.codes.OK
        or media_type not in MANIFESTS | INDEXES
        or not size.isdecimal()
    ):
        return None
    etag = _ETAG.fullmatch(response.headers.get("etag", ""))
    if reference.digest and digest and digest != reference.digest:
        raise _mismatch(reference, f"the registry calls it {digest}")
    if digest and etag and etag[1] != str(digest):
        raise _mismatch(reference, f"the registry calls it {digest} and {etag[1]} in one answer")
    digest = reference.digest or digest
    return Descriptor(media_type, digest, int(size)) if digest else None


def _digest(response: httpx.Response, reference: Reference) -> Digest | None:
    said = response.headers.get("docker-content-digest")
    if not said:
        return None
    try:
        return Digest.parse(said)
    except ValueError:
        raise _mismatch(reference, f"the registry calls it {said[:80]!r}, which is no digest") from None


def _tag(entry: object) -> str:
    if not isinstance(entry, str) or not is_tag(entry):
        raise ValueError(f"it lists {str(entry)[:140]!r} as a tag")
    return entry


def _config(manifest: Manifest) -> Descriptor:
    if manifest.config is None:
        raise ValueError("it has no config")
    return manifest.config


def _parse(content: bytes, media_type: str, where: str) -> Manifest:
    try:
        return Manifest.parse(content, media_type)
    except ValueError as error:
        raise _unusable(where, error) from error


def _unusable(where: str, error: ValueError) -> RegistryError:
    return RegistryError(
        f"this manifest cannot be used: {error}", where=where, fix="Push the image anew with a current tool."
    )


def _mismatch(reference: Reference, what: str) -> DigestMismatchError:
    return DigestMismatchError(what, where=str(reference), fix=_FIX)
