"""Reads the graph of manifests that a repository's tags lead to."""

from collections.abc import Iterable

from builder.model.digest import Digest
from builder.model.reference import Repository
from builder.registry.client import Registry
from builder.registry.concurrency import map_concurrently
from builder.registry.manifest import Manifest
from builder.release.pruning.reach import Graph, Node
from builder.release.records import record as records
from builder.release.records.ledger import listed_subject


def crawl(registry: Registry, repository: Repository) -> Graph:
    """Everything that tags, children, records and lists of referrers lead to.

    Manifests without a tag that nothing refers to are invisible: no registry lists them.
    """
    tags = pointers(registry, repository, registry.tags(repository))
    nodes: dict[Digest, Node] = {}
    lists = {digest: subject for tag, digest in tags.items() if (subject := listed_subject(tag))}
    waiting = set(tags.values())
    while waiting:
        found = map_concurrently(lambda digest: _read(registry, repository, digest, lists), sorted(waiting))
        fresh = {node.digest: node for node, _ in filter(None, found)}
        nodes |= fresh
        near = {digest for _, digests in filter(None, found) for digest in digests}
        waiting = near - nodes.keys() - waiting
    return Graph(tags, nodes)


def pointers(registry: Registry, repository: Repository, tags: Iterable[str]) -> dict[str, Digest]:
    """Where tags point; those that are gone are left out."""
    names = tuple(tags)
    found = map_concurrently(lambda tag: registry.resolve(repository.tag(tag)), names)
    return {tag: now.digest for tag, now in zip(names, found, strict=True) if now}


def _read(
    registry: Registry, repository: Repository, digest: Digest, lists: dict[Digest, Digest]
) -> tuple[Node, frozenset[Digest]] | None:
    """A manifest as a node, and the manifests near it; None where the registry does not have it."""
    manifest = registry.find_manifest(repository.at(digest))
    if manifest is None:
        return None
    children = frozenset(child.digest for child in manifest.children) | _recorded(
        registry, repository, manifest
    )
    subject = manifest.subject.digest if manifest.subject else None
    config = (manifest.config,) if manifest.config else ()
    node = Node(
        digest=digest,
        size=len(manifest.content),
        children=children,
        subject=subject,
        blobs={blob.digest: blob.size for blob in (*config, *manifest.layers)},
        annotations=manifest.annotations,
        lists=lists.get(digest),
    )
    about = () if digest in lists else registry.referrers(repository, digest)
    nearby = (*children, *(listed.digest for listed in about), *((subject,) if subject else ()))
    return node, frozenset(nearby)


def _recorded(registry: Registry, repository: Repository, manifest: Manifest) -> frozenset[Digest]:
    """The indexes that a release record names."""
    if manifest.artifact_type != records.ARTIFACT_TYPE or len(manifest.layers) != 1:
        return frozenset()
    record = records.parse(registry.blob(repository, manifest.layers[0]))
    return frozenset(entry.index.digest for entry in record.entries)
