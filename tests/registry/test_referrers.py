"""Referrers where the registry has no API for them, which is every docker-registry 2."""

import json
from dataclasses import replace
from multiprocessing import get_context

from builder.model.descriptor import INDEX, Descriptor
from builder.model.digest import Digest
from builder.model.reference import Repository
from builder.registry import Registry, map_concurrently
from builder.registry.verbs.referrers import fallback
from tests.servers.fixtures import QUICK
from tests.servers.images import push_image
from tests.servers.registry import RegistryServer

KIND = "application/vnd.example.receipt+json"
SETTINGS = replace(QUICK, settle=0.3)


def attach(registry: Registry, repository: Repository, subject: Descriptor, text: str) -> Descriptor:
    return registry.attach(
        repository, subject, KIND, text.encode(), "application/json", {"org.example.text": text}
    )


def test_attached_artifacts_are_found_again(server: RegistryServer, registry: Registry) -> None:
    repository = server.repository("team/image")
    subject = push_image(registry, repository.tag("1"))
    assert registry.referrers(repository, subject.digest) == ()
    first, second = (attach(registry, repository, subject, text) for text in ("first", "second"))

    assert registry.referrers(repository, subject.digest, KIND) == (first, second)
    assert registry.referrers(repository, subject.digest, "application/x.other") == ()
    artifact = registry.manifest(
        repository.at(first.digest), replace(first, artifact_type="", annotations={})
    )
    assert artifact.subject is not None
    assert artifact.subject.digest == subject.digest
    assert artifact.artifact_type == KIND
    assert registry.blob(repository, artifact.layers[0]) == b"first"


def test_attaching_the_same_again_changes_nothing(server: RegistryServer, registry: Registry) -> None:
    repository = server.repository("team/image")
    subject = push_image(registry, repository.tag("1"))
    first = attach(registry, repository, subject, "first")
    tag = registry.resolve(fallback(repository, subject.digest))
    uploaded = registry.requests.blob_bytes

    assert attach(registry, repository, subject, "first") == first
    assert registry.resolve(fallback(repository, subject.digest)) == tag
    assert registry.requests.blob_bytes == uploaded


def test_entries_of_other_tools_stay_as_they_are(server: RegistryServer, registry: Registry) -> None:
    repository = server.repository("team/image")
    subject = push_image(registry, repository.tag("1"))
    other = push_image(registry, repository.tag("2"), layer=b"other").json() | {"data": "e30=", "urls": []}
    index = {
        "schemaVersion": 2,
        "mediaType": INDEX,
        "manifests": [other],
        "annotations": {"by": "another tool"},
    }
    tag = fallback(repository, subject.digest)
    registry.put_manifest(repository, json.dumps(index).encode(), INDEX, tag=tag.tag)
    attach(registry, repository, subject, "first")

    kept = registry.manifest(tag).json()
    assert kept["manifests"][0] == other
    assert kept["annotations"] == {"by": "another tool"}
    assert len(kept["manifests"]) == 2


def test_of_many_threads_one_finds_out_that_there_is_no_api(server: RegistryServer) -> None:
    repository = server.repository("team/image")
    digests = [Digest.of(bytes([number])) for number in range(16)]
    with Registry(QUICK) as registry:
        push_image(registry, repository.tag("1"))
        before = registry.requests.total
        map_concurrently(lambda digest: registry.referrers(repository, digest), digests)
        assert registry.requests.total - before == len(digests) + 1


def attach_some(host: str, digest: str, numbers: range) -> None:
    """One writer, in a process of its own."""
    with Registry(SETTINGS) as registry:
        repository = Repository(host, "team/image")
        subject = registry.manifest(repository.at(Digest.parse(digest))).descriptor
        map_concurrently(lambda number: attach(registry, repository, subject, str(number)), numbers, 4)


def test_no_writer_loses_another_ones_entry(server: RegistryServer, registry: Registry) -> None:
    repository = server.repository("team/image")
    subject = push_image(registry, repository.tag("1"))
    context = get_context("spawn")
    writers = [
        context.Process(target=attach_some, args=(server.host, str(subject.digest), range(n * 5, n * 5 + 5)))
        for n in range(3)
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    assert [writer.exitcode for writer in writers] == [0, 0, 0]
    listed = registry.referrers(repository, subject.digest)
    assert sorted(int(item.annotations["org.example.text"]) for item in listed) == list(range(15))


def test_an_entry_that_another_writer_took_away_is_written_anew(
    server: RegistryServer, registry: Registry
) -> None:
    repository = server.repository("team/image")
    subject = push_image(registry, repository.tag("1"))
    tag = fallback(repository, subject.digest)
    rival = push_image(registry, repository.tag("2"), layer=b"rival")
    stale = {"schemaVersion": 2, "mediaType": INDEX, "manifests": [rival.json()]}
    pauses: list[float] = []

    def overwrite_once(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 1:
            registry.put_manifest(repository, json.dumps(stale).encode(), INDEX, tag=tag.tag)

    with Registry(replace(SETTINGS, sleep=overwrite_once)) as writer:
        ours = attach(writer, repository, subject, "ours")

    assert [item.digest for item in registry.referrers(repository, subject.digest)] == [
        rival.digest,
        ours.digest,
    ]
    assert len(pauses) == 2
    assert min(pauses) >= SETTINGS.settle
