"""prune: removes from staging what nothing needs any more. Without `apply` it only says what would go."""

from dataclasses import dataclass
from datetime import date

from builder.bake.staging import key_tag
from builder.model.digest import Digest
from builder.model.errors import BuilderError, ExitCode
from builder.model.reference import Repository
from builder.pipeline.inputs.builds import builds, with_parents
from builder.pipeline.inputs.prepare import Work
from builder.registry.client import Registry
from builder.registry.concurrency import map_concurrently
from builder.registry.errors import RegistryError
from builder.release.pruning.crawl import crawl, pointers
from builder.release.pruning.reach import Graph
from builder.release.pruning.retention import Retention

# How registries say that they do not delete: the method, or the feature, is not theirs.
_NO_DELETE = frozenset({405, 501})


@dataclass(frozen=True, slots=True)
class Pruned:
    """What went, or would go: tags, manifests, and the bytes that the registry can free; and what stays."""

    repository: Repository
    tags: tuple[str, ...]
    manifests: tuple[Digest, ...]
    bytes_freed: int
    kept: int
    applied: bool


def retention(work: Work, *, keep: int, days: int) -> Retention:
    """The retention of a project: its whole matrix stays, whatever is selected."""
    wanted = with_parents(builds(work.project.matrix, work.lock, work.family))
    return Retention(
        frozenset(key_tag(build.key) for build in wanted),
        frozenset(build.target for build in wanted),
        keep,
        days,
    )


def prune(
    registry: Registry, staging: Repository, rule: Retention, today: date, *, apply: bool = False
) -> Pruned:
    """Find what nothing that stays leads to, and with `apply` delete it.

    Raises:
        BuilderError: (20) when the registry does not delete; (2x) when it fails. Running again goes on.
    """
    graph = crawl(registry, staging)
    stays = graph.reachable(rule.roots(graph, today))
    if apply:
        stays |= _arrived(registry, staging, graph)
    garbage = frozenset(graph.nodes) - stays
    if apply:
        for batch in graph.deletions(garbage):
            map_concurrently(lambda digest: _delete(registry, staging, digest), batch)
    return Pruned(
        staging,
        tuple(sorted(tag for tag, digest in graph.tags.items() if digest in garbage)),
        tuple(sorted(garbage)),
        graph.bytes_freed(garbage),
        len(stays),
        apply,
    )


def _arrived(registry: Registry, staging: Repository, graph: Graph) -> frozenset[Digest]:
    """What tags lead to that came while the repository was looked at: a build or a test is using it."""
    fresh = [tag for tag in registry.tags(staging) if tag not in graph.tags]
    return graph.reachable(pointers(registry, staging, fresh).values())


def _delete(registry: Registry, staging: Repository, digest: Digest) -> None:
    try:
        registry.delete(staging.at(digest))
    except RegistryError as error:
        if error.status in _NO_DELETE or "UNSUPPORTED" in error.codes:
            fix = "Use the registry's own retention, or enable deletion where you run it."
            raise BuilderError(
                ExitCode.REGISTRY, "this registry does not delete", where=str(staging), fix=fix
            ) from error
        raise
