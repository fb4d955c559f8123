"""What refers to a manifest: the referrers API, and the tag that stands in for it (OCI distribution 1.1)."""

import json
import random
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from builder.model.descriptor import EMPTY, INDEX, MANIFEST, Descriptor
from builder.model.digest import Digest
from builder.model.reference import Reference, Repository
from builder.registry.concurrency import map_concurrently
from builder.registry.errors import NotFoundError, RegistryError, UnavailableError
from builder.registry.http.ask import Ask
from builder.registry.http.session import Session
from builder.registry.manifest import Manifest
from builder.registry.verbs.manifests import put_manifest, read_manifest
from builder.registry.verbs.pages import paginate
from builder.registry.verbs.paths import pull
from builder.registry.verbs.uploads import in_memory, put_blob

_MOST = 10_000
# How registries without the API answer: they do not know the path, the method, or the feature.
_NO_API = frozenset({400, 404, 405, 501})
_ROUNDS = 30
_EMPTY_CONFIG = b"{}"
_FIX = "Run again later; another program keeps writing this tag."


def list_referrers(
    session: Session, repository: Repository, subject: Digest, artifact_type: str | None
) -> tuple[Descriptor, ...]:
    """The manifests that name `subject`, of one artifact type or of all."""
    found = _from_api(session, repository, subject, artifact_type)
    listed = _from_tag(session, repository, subject) if found is None else found
    return tuple(item for item in listed if artifact_type in (None, item.artifact_type))


def attach(
    session: Session,
    repository: Repository,
    subject: Descriptor,
    *,
    artifact_type: str,
    content: bytes,
    media_type: str,
    annotations: Mapping[str, str],
) -> Descriptor:
    """Push `content` as an artifact that refers to `subject`; the same input gives the same artifact."""
    blob = Descriptor.of(media_type, content)
    config = Descriptor.of(EMPTY, _EMPTY_CONFIG)
    put_blob(session, repository, blob, in_memory(content))
    put_blob(session, repository, config, in_memory(_EMPTY_CONFIG))
    manifest = _canonical(
        {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "artifactType": artifact_type,
            "config": config.json(),
            "layers": [blob.json()],
            "subject": Descriptor(subject.media_type, subject.digest, subject.size).json(),
            "annotations": dict(annotations),
        }
    )
    refer(session, repository, [manifest])
    return _listed(Manifest.parse(manifest, MANIFEST))


def refer(
    session: Session, repository: Repository, artifacts: Iterable[bytes], *, settle: bool = True
) -> None:
    """Have these artifacts' manifests in the repository, listed as referrers of their subjects.

    Their blobs must be there already. Those of many subjects cost no more waiting than one does; without
    `settle` there is none, and the caller looks later whether another writer took entries away.
    """

    def put(content: bytes) -> Manifest | None:
        manifest = Manifest.parse(content, MANIFEST)
        noted = put_manifest(session, repository.at(manifest.digest), content, MANIFEST)[1]
        return None if noted else manifest

    unlisted: defaultdict[Reference, list[Descriptor]] = defaultdict(list)
    for manifest in filter(None, map_concurrently(put, artifacts)):
        if manifest.subject:
            unlisted[fallback(repository, manifest.subject.digest)].append(_listed(manifest))
    _list_under_tags(session, unlisted, settle=settle)


def fallback(repository: Repository, subject: Digest) -> Reference:
    """The tag under which referrers are listed where a registry has no API for them."""
    return repository.tag(f"{subject.algorithm}-{subject.hex[:64]}")


def _from_api(
    session: Session, repository: Repository, subject: Digest, artifact_type: str | None
) -> Sequence[Descriptor] | None:
    """The API's answer; None where there is no API."""
    registry = repository.registry
    if registry in session.without_referrers:
        return None
    if registry in session.with_referrers:
        return _ask_api(session, repository, subject, artifact_type)
    # Of many threads one finds out.
    with session.alone("referrers", registry):
        known = registry in session.without_referrers
        return None if known else _ask_api(session, repository, subject, artifact_type)


def _ask_api(
    session: Session, repository: Repository, subject: Digest, artifact_type: str | None
) -> Sequence[Descriptor] | None:
    query = f"?{urlencode({'artifactType': artifact_type})}" if artifact_type else ""
    ask = Ask(
        "GET",
        f"/v2/{repository.path}/referrers/{subject}{query}",
        where=f"{repository}@{subject}",
        registry=repository.registry,
        scopes=pull(repository),
    )
    try:
        found = paginate(session, ask, "manifests", _descriptor, _MOST)
    except RegistryError as error:
        if error.status not in _NO_API:
            raise
        # A registry that has the API may know it and still not know the repository.
        if "NAME_UNKNOWN" not in error.codes:
            session.without_referrers.add(repository.registry)
        return None
    session.with_referrers.add(repository.registry)
    return found


def _from_tag(session: Session, repository: Repository, subject: Digest) -> tuple[Descriptor, ...]:
    try:
        return read_manifest(session, fallback(repository, subject)).children
    except NotFoundError:
        return ()


def _list_under_tags(
    session: Session, wanted: Mapping[Reference, Sequence[Descriptor]], *, settle: bool
) -> None:
    """Add entries to indexes that others may be writing too.

    Registries have no compare-and-swap. So an index is written in a single try right after it was read, and
    looked at again after a pause that is longer than such a read and write take anybody; an entry that
    another writer took away is written anew.
    """
    tries = session.tries()
    left = dict(wanted)

    def add(tag: Reference) -> RegistryError | bool:
        with session.alone(tag):
            try:
                return _add(session, tag, left[tag]) or not settle
            except RegistryError as error:
                return error

    for _ in range(_ROUNDS):
        outcomes = dict(zip(left, map_concurrently(add, left), strict=True))
        left = {tag: left[tag] for tag, outcome in outcomes.items() if outcome is not True}
        if not left:
            return
        if errors := [outcome for outcome in outcomes.values() if isinstance(outcome, RegistryError)]:
            # The entries were pushed a moment ago: a registry that misses one may be late.
            tries.again(next((error for error in errors if not error.temporary), errors[0]), lag=True)
        session.settings.sleep(session.settings.settle * random.uniform(1, 2))  # noqa: S311  parts the writers
    where = ", ".join(map(str, left))
    raise UnavailableError("others keep overwriting its list of referrers", where=where, fix=_FIX)


def _add(session: Session, tag: Reference, entries: Sequence[Descriptor]) -> bool:
    """Whether the index had all entries; if not, it is written with them."""
    index = _index(session, tag)
    known = {entry.get("digest") for entry in index["manifests"]}
    missing = [entry.json() for entry in entries if str(entry.digest) not in known]
    if not missing:
        return True
    index["manifests"] += missing
    put_manifest(session, tag, _canonical(index), INDEX, once=True)
    return False


def _index(session: Session, tag: Reference) -> dict[str, Any]:
    try:
        manifest = read_manifest(session, tag)
    except NotFoundError:
        return {"schemaVersion": 2, "mediaType": INDEX, "manifests": []}
    if not manifest.is_index:
        raise RegistryError(
            "an image has the tag that lists referrers",
            where=str(tag),
            fix="Move that image to another tag: the OCI specification keeps this one for referrers.",
        )
    return manifest.json()


def _listed(manifest: Manifest) -> Descriptor:
    """An artifact as lists of referrers have it; one without a type of its own goes by its config's."""
    config = manifest.config.media_type if manifest.config else ""
    return replace(
        manifest.descriptor,
        artifact_type=manifest.artifact_type or config,
        annotations=manifest.annotations,
    )


def _descriptor(entry: object) -> Descriptor:
    if not isinstance(entry, dict):
        raise ValueError("it lists something that is no descriptor")
    return Descriptor.parse(entry)


def _canonical(data: Mapping[str, Any]) -> bytes:
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
