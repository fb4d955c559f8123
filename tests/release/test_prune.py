"""prune deletes garbage and nothing else: on a thousand registries that are thought up, and on a real one."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builder.bake import staging
from builder.bake.labels import OURS, TARGET
from builder.model.descriptor import INDEX
from builder.model.digest import Digest
from builder.model.errors import BuilderError
from builder.pipeline.prune import Pruned, prune
from builder.pipeline.release import release
from builder.release.pruning.reach import Graph, Node
from builder.release.pruning.retention import Retention
from tests.release.family import Family
from tests.release.hooks import through
from tests.release.make import EPOCH, Image, candidate
from tests.servers.images import canonical, push_image, push_index
from tests.servers.registry import RegistryServer

TODAY = EPOCH + timedelta(days=100)
NOTHING = Retention(frozenset(), frozenset(), keep=0, days=30)


@st.composite
def graphs(draw: st.DrawFn) -> tuple[Graph, frozenset[Digest]]:
    """Manifests that point to ones before them, as hashes force them to, with tags; and some roots."""
    digests = [Digest.of(bytes([number])) for number in range(draw(st.integers(1, 14)))]
    blobs = [Digest.of(b"blob" + bytes([number])) for number in range(5)]
    nodes = []
    for number, digest in enumerate(digests):
        older = st.sampled_from(digests[:number]) if number else st.nothing()
        kind = draw(st.sampled_from(["image", "index", "artifact", "list"] if number else ["image"]))
        nodes.append(
            Node(
                digest,
                size=number + 1,
                children=draw(st.frozensets(older, max_size=3)) if kind in ("index", "list") else frozenset(),
                subject=draw(older) if kind == "artifact" else None,
                blobs=dict.fromkeys(draw(st.frozensets(st.sampled_from(blobs), max_size=2)), 100),
                lists=draw(older) if kind == "list" else None,
            )
        )
    tags = draw(st.dictionaries(st.text("abc", min_size=1), st.sampled_from(digests)))
    roots = draw(st.frozensets(st.sampled_from(digests), max_size=3))
    return Graph(tags, {node.digest: node for node in nodes}), roots


def near(graph: Graph, digest: Digest) -> set[Digest]:
    """What one step leads to, spelled out once more."""
    found = set(graph.nodes[digest].children)
    for node in graph.nodes.values():
        for subject in (node.subject, node.lists):
            if subject == digest:
                found.add(node.digest)
            if node.digest == digest and subject:
                found.add(subject)
    return found


@settings(max_examples=1000, deadline=None)
@given(graphs())
def test_nothing_that_is_reachable_is_deleted_and_everything_else_is(
    drawn: tuple[Graph, frozenset[Digest]],
) -> None:
    graph, roots = drawn
    kept = graph.reachable(roots)
    assert roots <= kept
    assert all(near(graph, digest) <= kept for digest in kept)
    expected = set(roots)
    while grown := {step for digest in expected for step in near(graph, digest)} - expected:
        expected |= grown
    assert kept == expected
    garbage = frozenset(graph.nodes) - kept
    left = set(graph.nodes)
    for batch in graph.deletions(garbage):
        left -= set(batch)
        whole = [node for node in graph.nodes.values() if node.digest in left and not node.lists]
        assert all(node.children <= left for node in whole)
        assert all(graph.nodes[d].subject not in batch for d in batch)
    assert left == kept
    blobs = {blob for digest in kept for blob in graph.nodes[digest].blobs}
    freed = {blob for digest in garbage for blob in graph.nodes[digest].blobs} - blobs
    assert graph.bytes_freed(garbage) == 100 * len(freed) + sum(graph.nodes[d].size for d in garbage)


def stage(family: Family, name: str = "one", salt: str = "", epoch: date = EPOCH) -> Image:
    """Stage a tested image with the tags that bake and smoke give it."""
    own = replace(family, epoch=epoch)
    made = own.stage(own.image(name, salt=salt))
    family.attach(made)
    for tag in tags_of(made):
        family.registry.put_manifest(family.staging, made.manifest.content, made.manifest.media_type, tag=tag)
    return made


def tags_of(made: Image) -> tuple[str, ...]:
    """A build's tags, and the one of a test that is older than it may be."""
    digest, key = made.manifest.digest, made.part.key
    passed = staging.pass_tag(digest, "0" * 16, made.part.require, EPOCH)
    return (staging.key_tag(key), staging.digest_tag(key, digest), passed)


def alive(family: Family, made: Image) -> bool:
    """Whether an image is there with its receipt and its tags."""
    digest = made.manifest.digest
    listed = family.registry.referrers(family.staging, digest)
    there = [family.registry.resolve(family.staging.at(entry.digest)) for entry in listed]
    there += [family.registry.resolve(family.staging.tag(tag)) for tag in tags_of(made)]
    whole = family.registry.resolve(family.staging.at(digest)) and all(there) and listed
    gone = not any(there) and family.registry.resolve(family.staging.at(digest)) is None
    assert whole or gone, "neither whole nor gone"
    return bool(whole)


def run(family: Family, rule: Retention, *, apply: bool = True) -> Pruned:
    return prune(family.registry, family.staging, rule, TODAY, apply=apply)


def test_what_the_matrix_needs_stays_and_the_rest_goes_with_its_receipts(family: Family) -> None:
    needed, rest = stage(family, "one"), stage(family, "one", "older")
    rule = replace(NOTHING, keys=frozenset({staging.key_tag(needed.part.key)}))
    planned = run(family, rule, apply=False)
    assert alive(family, rest)
    done = run(family, rule)
    assert (done.manifests, done.tags, done.bytes_freed) == (
        planned.manifests,
        planned.tags,
        planned.bytes_freed,
    )
    assert rest.manifest.digest in done.manifests
    assert set(tags_of(rest)) <= set(done.tags)
    assert done.bytes_freed > len(rest.manifest.content) + len(rest.config)
    assert alive(family, needed)
    assert not alive(family, rest)
    assert run(family, rule).manifests == ()


def test_the_newest_of_each_target_stay_and_young_ones(family: Family) -> None:
    made = [stage(family, "one", epoch=EPOCH + timedelta(days=number)) for number in range(4)]
    young = stage(family, "one", "young", epoch=TODAY - timedelta(days=29))
    former = stage(family, "removed")
    run(family, replace(NOTHING, targets=frozenset({"one"}), keep=3))
    assert [alive(family, image) for image in (*made, young, former)] == [
        False,
        False,
        True,
        True,
        True,
        False,
    ]


def keep_steps(family: Family, made: Image) -> None:
    """Keep something as the steps of a build."""
    tag = family.staging.tag(staging.cache_tag(made.part.key))
    push_image(family.registry, tag, layer=str(made.part.key).encode())


def test_steps_stay_for_the_matrix_and_for_the_last_build_of_each_target(family: Family) -> None:
    older, last = stage(family), stage(family, epoch=EPOCH + timedelta(days=1))
    removed, wanted = stage(family, "removed"), stage(family, "other")
    for name, made in (("one", last), ("removed", removed)):
        tag = staging.last_tag(f"{name}-amd64")
        family.registry.put_manifest(family.staging, made.manifest.content, made.manifest.media_type, tag=tag)
    for made in (older, last, removed, wanted):
        keep_steps(family, made)
    rule = Retention(frozenset({staging.key_tag(wanted.part.key)}), frozenset({"one"}))
    run(family, rule)
    assert [alive(family, made) for made in (older, last, removed, wanted)] == [True, True, False, True]
    tags = [staging.cache_tag(made.part.key) for made in (older, last, removed, wanted)]
    there = [bool(family.registry.resolve(family.staging.tag(tag))) for tag in tags]
    assert there == [False, True, False, True]


def test_an_index_keeps_its_children_and_their_receipts(family: Family) -> None:
    made = stage(family)
    index = {"schemaVersion": 2, "mediaType": INDEX, "manifests": [made.manifest.descriptor.json()]}
    family.registry.put_manifest(family.staging, canonical(index), INDEX, tag="somebody-elses")
    run(family, NOTHING)
    assert alive(family, made)
    family.registry.delete(family.staging.at(Digest.of(canonical(index))))
    run(family, NOTHING)
    assert not alive(family, made)


def test_a_release_record_keeps_what_it_names_where_both_repositories_are_one(family: Family) -> None:
    one = replace(family, release=family.staging)
    made = stage(one)
    release(one.registry, one.order(candidate(made)))
    index = one.registry.manifest(one.staging.tag("one"))
    assert [child.digest for child in index.children] == [made.manifest.digest]
    for tag in ("one", "one-20260701"):
        push_index(one.registry, one.staging.tag(tag))
    run(one, NOTHING)
    assert alive(one, made)
    assert one.registry.resolve(one.staging.at(index.digest))


def test_what_a_killed_run_left_is_found_by_the_next(family: Family) -> None:
    made = stage(family)
    listed = family.registry.referrers(family.staging, made.manifest.digest)
    family.registry.delete(family.staging.at(made.manifest.digest))
    run(family, NOTHING)
    assert [family.registry.resolve(family.staging.at(entry.digest)) for entry in listed] == [None]
    assert family.registry.tags(family.staging) == ()


def test_a_registry_that_does_not_delete_is_said_so(
    family: Family, start_registry: Callable[..., RegistryServer]
) -> None:
    frozen = replace(family, staging=start_registry(delete=False).repository("staging"))
    made = stage(frozen)
    with pytest.raises(BuilderError, match="this registry does not delete"):
        run(frozen, NOTHING)
    assert alive(frozen, made)


def test_what_a_build_takes_up_meanwhile_stays(family: Family) -> None:
    made = stage(family)
    lists: list[httpx.URL] = []

    def take_up(request: httpx.Request) -> None:
        if request.url.path.endswith("/tags/list"):
            lists.append(request.url)
            if len(lists) == 2:
                content, media_type = made.manifest.content, made.manifest.media_type
                family.registry.put_manifest(family.staging, content, media_type, tag=f"key-{'a' * 40}")

    with through(take_up) as registry:
        run(replace(family, registry=registry), NOTHING)
    assert alive(family, made)


def test_annotations_of_others_do_no_harm(family: Family) -> None:
    made = family.stage(family.image("one", told={f"{OURS}epoch": "soon", TARGET: ""}))
    family.registry.put_manifest(
        family.staging, made.manifest.content, made.manifest.media_type, tag=staging.key_tag(made.part.key)
    )
    assert made.manifest.digest in run(family, NOTHING).manifests
