"""Which tags of a staging repository stay."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from builder.bake import staging
from builder.bake.labels import OURS, TARGET
from builder.bake.staging import Staged
from builder.model.digest import Digest
from builder.release.pruning.reach import Graph, Node
from builder.release.records.ledger import is_accessory


@dataclass(frozen=True, slots=True)
class Retention:
    """What stays: images of the present matrix, others younger than `days`, the newest `keep` of each target.

    `keys` are those of the matrix' builds, `targets` its names. The newest ones stay only of targets that it
    still has. The steps kept of a build stay for the matrix' builds and for each target's last one: the next
    takes them from there. Tags that are not staging's own stay always.
    """

    keys: frozenset[str]
    targets: frozenset[str]
    keep: int = 3
    days: int = 30

    def roots(self, graph: Graph, today: date) -> frozenset[Digest]:
        """The manifests that stay for their own sake."""
        told = staging.read(graph.tags)
        images = {d for tag, d in graph.tags.items() if staging.key_of(tag) and d in graph.nodes}
        foreign = {d for tag, d in graph.tags.items() if not (staging.is_own(tag) or is_accessory(tag))}
        wanted = {d for tag, d in graph.tags.items() if staging.key_of(tag) in self.keys}
        young = {d for d in images if _day(graph.nodes[d], told) + timedelta(days=self.days) > today}
        stays = foreign | wanted | young | self._newest(graph, told, images)
        return frozenset(stays | self._steps(graph, stays))

    def _steps(self, graph: Graph, stays: set[Digest]) -> set[Digest]:
        last = {d for tag, d in graph.tags.items() if staging.is_last(tag) and d in stays}
        keys = {staging.key_of(tag) for tag, d in graph.tags.items() if d in last} | self.keys
        return {d for tag, d in graph.tags.items() if staging.cached_key(tag) in keys - {None}}

    def _newest(self, graph: Graph, told: Staged, images: set[Digest]) -> set[Digest]:
        groups: defaultdict[tuple[str, str], list[Digest]] = defaultdict(list)
        for digest in sorted(images, key=lambda d: (_day(graph.nodes[d], told), d), reverse=True):
            annotations = graph.nodes[digest].annotations
            if annotations.get(TARGET) in self.targets:
                groups[annotations[TARGET], annotations.get(f"{OURS}platform", "")].append(digest)
        return {digest for group in groups.values() for digest in group[: self.keep]}


def _day(node: Node, told: Staged) -> date:
    """The youngest day that is known of an image: its epoch's, or that of a test that it passed."""
    try:
        epoch = date.fromisoformat(node.annotations.get(f"{OURS}epoch", ""))
    except ValueError:
        epoch = date.min
    return max([epoch, *(passed.day for passed in told.passes.get(node.digest, ()))])
