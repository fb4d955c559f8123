"""What of a repository can be reached from the tags that stay, and in what order the rest may go.

Reaching goes from an index to its children, from a release record to the indexes that it names, from a
manifest to everything that refers to it, and from what refers to something to that. Pure, so that it can be
proved right on any registry that a test thinks up.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from graphlib import TopologicalSorter

from builder.model.digest import Digest


@dataclass(frozen=True, slots=True)
class Node:
    """A manifest: its size in bytes, what it points to, and the sizes of its blobs.

    `lists` marks an index that lists the referrers of a manifest, for registries that have no API for that.
    """

    digest: Digest
    size: int
    children: frozenset[Digest] = frozenset()
    subject: Digest | None = None
    blobs: Mapping[Digest, int] = field(default_factory=dict, hash=False)
    annotations: Mapping[str, str] = field(default_factory=dict, hash=False)
    lists: Digest | None = None


@dataclass(frozen=True, slots=True)
class Graph:
    """All manifests of a repository that its tags lead to."""

    tags: Mapping[str, Digest] = field(hash=False)
    nodes: Mapping[Digest, Node] = field(hash=False)

    def reachable(self, roots: Iterable[Digest]) -> frozenset[Digest]:
        """The manifests that these lead to, themselves included."""
        about: defaultdict[Digest, set[Digest]] = defaultdict(set)
        for node in self.nodes.values():
            for subject in filter(None, (node.subject, node.lists)):
                about[subject].add(node.digest)
        found: set[Digest] = set()
        waiting = [root for root in roots if root in self.nodes]
        while waiting:
            digest = waiting.pop()
            if digest in found:
                continue
            found.add(digest)
            node = self.nodes[digest]
            nearby = (*node.children, *about[digest], *filter(None, (node.subject, node.lists)))
            waiting += [near for near in nearby if near in self.nodes]
        return frozenset(found)

    def deletions(self, garbage: Collection[Digest]) -> Iterator[tuple[Digest, ...]]:
        """Garbage in batches: what points to something goes before it, and a list of referrers goes last.

        So a run that is killed leaves no index without a child, and finds the rest when it is run again.
        """
        before: dict[Digest, set[Digest]] = {digest: set() for digest in garbage}
        for digest in garbage:
            node = self.nodes[digest]
            for child in node.children & before.keys():
                earlier, later = (child, digest) if node.lists else (digest, child)
                before[later].add(earlier)
            before[digest] |= {subject for subject in (node.subject, node.lists) if subject in before}
        sorter = TopologicalSorter(before)
        sorter.prepare()
        while ready := sorter.get_ready():
            yield tuple(sorted(ready))
            sorter.done(*ready)

    def bytes_freed(self, garbage: Collection[Digest]) -> int:
        """The bytes of these manifests, and of the blobs that no other manifest has."""
        kept = {blob for digest, node in self.nodes.items() if digest not in garbage for blob in node.blobs}
        gone = {blob: size for digest in garbage for blob, size in self.nodes[digest].blobs.items()}
        manifests = sum(self.nodes[digest].size for digest in garbage)
        return manifests + sum(size for blob, size in gone.items() if blob not in kept)
