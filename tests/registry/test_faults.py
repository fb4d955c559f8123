"""Through a proxy that breaks things: every verdict is right, or is "could not tell"."""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Lock

import pytest

from builder.model.descriptor import Descriptor
from builder.model.digest import Digest
from builder.model.reference import Repository
from builder.registry import (
    DigestMismatchError,
    NotFoundError,
    Registry,
    RegistryError,
    UnavailableError,
    map_concurrently,
)
from tests.servers.fault_proxy import FaultProxy, fault_proxy
from tests.servers.faults import Fault, Faults
from tests.servers.fixtures import QUICK
from tests.servers.images import push_image
from tests.servers.registry import RegistryServer, registry_server

REQUESTS = 2000
MISSING = Digest.of(b"nobody pushed this")


@dataclass(slots=True)
class World:
    """What is true, and a question about it for each roll of the dice."""

    repository: Repository
    registry: Registry
    images: list[Descriptor]
    blobs: list[tuple[Descriptor, bytes]]
    lock: Lock = field(default_factory=Lock)
    verdicts: Counter[str] = field(default_factory=Counter)

    def ask(self, seed: int) -> None:
        dice = random.Random(seed)
        name, question, truth = dice.choice(self.questions(dice, seed))
        try:
            verdict = "right" if question() == truth else f"wrong: {name}"
        except (UnavailableError, DigestMismatchError):
            verdict = "could not tell"
        except RegistryError as error:
            verdict = f"wrong: {name}: {type(error).__name__}: {error}"
        with self.lock:
            self.verdicts[verdict] += 1

    def questions(self, dice: random.Random, seed: int) -> list[tuple[str, Callable[[], object], object]]:
        registry, here = self.registry, self.repository
        number = dice.randrange(len(self.images))
        image, (blob, content) = self.images[number], dice.choice(self.blobs)
        fresh = f"{seed}".encode() * dice.choice((1, 1, 300_000))
        there = here / f"copy-{seed}"
        return [
            ("resolve a tag", lambda: registry.resolve(here.tag(str(number))), image),
            ("resolve nothing", lambda: registry.resolve(here.tag("none")), None),
            ("resolve nobody's digest", lambda: registry.resolve(here.at(MISSING)), None),
            ("read by tag", lambda: registry.manifest(here.tag(str(number))).digest, image.digest),
            ("read by digest", lambda: registry.manifest(here.at(image.digest)).digest, image.digest),
            ("find nothing", lambda: registry.find_manifest(here.tag("none")), None),
            ("list tags", lambda: len(registry.tags(here)), len(self.images)),
            ("list no tags", lambda: registry.tags(here / "none"), ()),
            ("have a blob", lambda: registry.has_blob(here, blob.digest), True),
            ("have no blob", lambda: registry.has_blob(here, MISSING), False),
            ("read a blob", lambda: registry.blob(here, blob), content),
            ("stream a blob", lambda: b"".join(registry.stream_blob(here, blob)), content),
            ("push a blob", lambda: self.push_and_read(fresh), fresh),
            ("push an image", lambda: self.push_and_resolve(there), True),
            ("copy a blob", lambda: self.copy_and_read(there, blob), content),
            ("no referrers", lambda: registry.referrers(here, image.digest), ()),
        ]

    def push_and_read(self, content: bytes) -> bytes:
        place = self.repository / "pushed"
        return self.registry.blob(place, self.registry.put_blob(place, content))

    def push_and_resolve(self, place: Repository) -> bool:
        pushed = push_image(self.registry, place.tag("1"))
        return self.registry.resolve(place.tag("1")) == pushed

    def copy_and_read(self, place: Repository, blob: Descriptor) -> bytes:
        self.registry.copy_blob(self.repository, place, blob)
        return self.registry.blob(place, blob)


@pytest.mark.parametrize("rate", [0.05, 0.20, 0.50])
def test_no_wrong_verdict(registry: Registry, tmp_path: Path, rate: float) -> None:
    with registry_server(tmp_path, in_memory=True) as server, fault_proxy(server.host) as proxy:
        no_wrong_verdict(server, registry, proxy, rate)


def no_wrong_verdict(server: RegistryServer, registry: Registry, proxy: FaultProxy, rate: float) -> None:
    direct = server.repository("team/image")
    images = [push_image(registry, direct.tag(str(n)), layer=f"{n}".encode()) for n in range(20)]
    contents = [f"{n}".encode() * size for n, size in enumerate((1, 10_000, 500_000))]
    blobs = [(registry.put_blob(direct, content), content) for content in contents]

    proxy.faults = Faults(rate, seed=7)
    with Registry(replace(QUICK, read_seconds=0.4, commit_seconds=0.4)) as asked:
        world = World(proxy.repository(direct.path), asked, images, blobs)
        map_concurrently(world.ask, range(REQUESTS))
        spent = asked.requests
    print(rate, dict(world.verdicts), dict(proxy.injected), spent)

    assert sum(world.verdicts.values()) == REQUESTS
    assert not [verdict for verdict in world.verdicts if verdict.startswith("wrong")]
    assert set(proxy.injected) == set(Fault)
    assert world.verdicts["right"] > (0.99 if rate < 0.5 else 0.9) * REQUESTS
    assert spent.total < 15 * REQUESTS


@pytest.mark.parametrize("fault", list(Fault))
def test_each_fault_alone_ends_in_an_error_when_it_never_stops(
    server: RegistryServer, proxy: FaultProxy, registry: Registry, fault: Fault
) -> None:
    reference = server.repository("team/image").tag("1")
    push_image(registry, reference)
    proxy.faults = Faults(1.0, kinds=(fault,))
    with Registry(replace(QUICK, read_seconds=0.2)) as asked:
        if fault is Fault.LATE:
            push_image(asked, proxy.repository("team/late").tag("1"))
            assert asked.resolve(proxy.repository("team/late").tag("1"))
            return
        with pytest.raises((UnavailableError, DigestMismatchError), match=r"tried 6 times"):
            asked.manifest(proxy.repository("team/image").tag("1"))
        assert asked.requests.total == 6


def test_lag_after_a_push_is_waited_for_but_not_for_ever(server: RegistryServer, proxy: FaultProxy) -> None:
    with Registry(replace(QUICK, retry=replace(QUICK.retry, lag=0.3))) as asked:
        reference = proxy.repository("team/image").tag("1")
        pushed = push_image(asked, reference)
        path = "/v2/team/image/manifests/1"
        proxy.delay((path,), 3)
        assert asked.resolve(reference) == pushed
        proxy.delay((path,), 1_000_000)
        assert asked.resolve(reference) is None
    with Registry(QUICK) as stranger:
        before = proxy.requests
        assert stranger.resolve(reference) is None
        assert proxy.requests - before == 1


def test_an_upload_goes_on_after_refusals(server: RegistryServer, proxy: FaultProxy) -> None:
    content = random.Random(1).randbytes(3_000_000)
    with Registry(replace(QUICK, chunk=400_000)) as asked:
        proxy.faults = Faults(0.4, seed=3, kinds=(Fault.LIMIT, Fault.TROUBLE))
        pushed = asked.put_blob(proxy.repository("team/image"), content)
    chunks = [path for method, path in proxy.writes if method == "PATCH"]
    assert len(chunks) > 8
    assert len({path.partition("?")[0] for path in chunks}) == 1
    with Registry(QUICK) as other:
        assert other.blob(server.repository("team/image"), pushed) == content


def test_an_upload_survives_broken_connections(server: RegistryServer, proxy: FaultProxy) -> None:
    content = random.Random(1).randbytes(3_000_000)
    with Registry(replace(QUICK, chunk=1_000_000)) as asked:
        proxy.faults = Faults(0.4, seed=4, kinds=(Fault.CUT, Fault.LOST))
        pushed = asked.put_blob(proxy.repository("team/image"), content)
    assert proxy.injected.total() >= 2
    with Registry(QUICK) as other:
        assert other.blob(server.repository("team/image"), pushed) == content


def test_a_download_resumes_where_it_broke_off(
    server: RegistryServer, proxy: FaultProxy, registry: Registry
) -> None:
    content = random.Random(1).randbytes(3_000_000)
    pushed = registry.put_blob(server.repository("team/image"), content)
    proxy.faults = Faults(0.7, seed=1, kinds=(Fault.CUT,))
    with Registry(QUICK) as asked:
        assert b"".join(asked.stream_blob(proxy.repository("team/image"), pushed)) == content
    assert proxy.injected[Fault.CUT] >= 1


def test_a_copy_between_registries_survives_faults_on_both_sides(
    server: RegistryServer, proxy: FaultProxy, registry: Registry
) -> None:
    content = random.Random(1).randbytes(3_000_000)
    pushed = registry.put_blob(server.repository("team/image"), content)
    proxy.faults = Faults(0.3, seed=5)
    with Registry(QUICK) as asked:
        # The same registry under two names is two registries to the client.
        asked.copy_blob(proxy.repository("team/image"), server.repository("team/first"), pushed)
        asked.copy_blob(server.repository("team/image"), proxy.repository("team/second"), pushed)
    for name in ("first", "second"):
        assert registry.blob(server.repository(f"team/{name}"), pushed) == content


def test_a_blob_that_is_damaged_for_good_is_never_copied(
    server: RegistryServer, proxy: FaultProxy, registry: Registry
) -> None:
    pushed = registry.put_blob(server.repository("team/image"), b"content" * 300_000)
    proxy.faults = Faults(1.0, kinds=(Fault.WRONG,))
    with Registry(QUICK) as asked:
        with pytest.raises(DigestMismatchError):
            asked.copy_blob(proxy.repository("team/image"), server.repository("team/copy"), pushed)
        with pytest.raises(DigestMismatchError):
            list(asked.stream_blob(proxy.repository("team/image"), pushed))
    assert not registry.has_blob(server.repository("team/copy"), pushed.digest)


def test_what_the_registry_loses_is_missed(server: RegistryServer, proxy: FaultProxy) -> None:
    with Registry(replace(QUICK, retry=replace(QUICK.retry, lag=0.1))) as asked:
        reference = proxy.repository("team/image").tag("1")
        pushed = push_image(asked, reference)
        proxy.delay(("/v2/team/image/manifests/" + str(pushed.digest),), 1_000_000)
        with pytest.raises(NotFoundError):
            asked.manifest(reference.repository.at(pushed.digest))
