"""Kills releases: as processes of their own, at a chosen write, while somebody watches the tags."""

import multiprocessing
import os
import signal
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from threading import Event

from builder.model.digest import Digest
from builder.model.reference import Repository
from builder.pipeline.release import release
from builder.registry import Registry
from builder.registry.manifest import Manifest
from builder.release.order import Order
from builder.release.records.record import is_record
from tests.release.family import Family
from tests.release.make import EPOCH, PLATFORMS, TERMS, candidate, image
from tests.servers.fault_proxy import FaultProxy, Moment, Trip
from tests.servers.fixtures import QUICK

# No request fails here by itself: a busy machine gets time.
PATIENT = replace(QUICK, read_seconds=60.0, commit_seconds=60.0)
_SECONDS = 300.0


class Ordeal:
    """A family of so many targets, staged and tested, and the state that its release has to come to."""

    def __init__(self, registry: Registry, family: Family, proxy: FaultProxy, *, targets: int) -> None:
        self._registry, self._proxy, self._targets = registry, proxy, targets
        self._family = family
        self.looks = 0
        for name in _names(targets):
            family.candidate(name)
        before = len(proxy.writes)
        self._run(proxy.repository("undisturbed"))
        self.writes = len(proxy.writes) - before
        self._expected = state(registry, proxy.repository("undisturbed"))

    def survive(self, write: int, moment: Moment) -> None:
        """Kill a release at its write of that number, run it once more, and compare."""
        place = f"killed-{moment.name.lower()}-{write}"
        with watching(self._registry, Repository(self._proxy.upstream, place)) as watcher:
            self._kill(self._proxy.repository(place), write, moment)
            self._run(self._proxy.repository(place))
        self.looks += watcher.looks
        assert watcher.found == [], f"killed at write {write}, {moment}"
        assert state(self._registry, self._proxy.repository(place)) == self._expected

    def _run(self, place: Repository) -> None:
        _release(self._targets, self._proxy.repository(self._family.staging.path), place)

    def _kill(self, place: Repository, write: int, moment: Moment) -> None:
        pid: Future[int] = Future()
        self._proxy.trip = Trip(
            len(self._proxy.writes) + write, moment, lambda: os.kill(pid.result(_SECONDS), signal.SIGKILL)
        )
        # A server that has imported everything forks the processes: starting one costs milliseconds.
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload([__name__])
        staging = self._proxy.repository(self._family.staging.path)
        process = context.Process(target=_release, args=(self._targets, staging, place))
        process.start()
        assert process.pid
        pid.set_result(process.pid)
        process.join(_SECONDS)
        self._proxy.trip = None
        assert process.exitcode == -signal.SIGKILL, f"write {write} was never reached"


def _names(count: int) -> list[str]:
    return [f"t{number:02}" for number in range(count)]


def _release(count: int, staging: Repository, place: Repository) -> None:
    """What the killed process does; it knows what is staged without being told."""
    images = {name: [image(name, p, staging=staging) for p in PLATFORMS] for name in _names(count)}
    candidates = tuple(candidate(*made, name=name) for name, made in images.items())
    with Registry(PATIENT) as registry:
        release(registry, Order(candidates, (place,), EPOCH, TERMS))


def state(registry: Registry, repository: Repository) -> dict[str, Digest | frozenset[Digest]]:
    """What a repository has come to: each tag with its digest, lists of referrers as sets."""
    found: dict[str, Digest | frozenset[Digest]] = {}
    for tag in registry.tags(repository):
        manifest = registry.manifest(repository.tag(tag))
        listed = tag.startswith("sha256-")
        found[tag] = frozenset(child.digest for child in manifest.children) if listed else manifest.digest
    return found


class Watcher:
    """Notes every tag that points to an index with a missing child."""

    def __init__(self, registry: Registry, repository: Repository) -> None:
        self.found: list[str] = []
        self.looks = 0
        self._registry, self._repository = registry, repository
        self._whole: set[Digest] = set()

    def look(self) -> None:
        """Check every tag once."""
        for tag in self._registry.tags(self._repository):
            if tag.startswith("sha256-") or is_record(tag):
                continue
            # The reference registry lists a tag a moment before it serves it.
            now = self._registry.resolve(self._repository.tag(tag))
            if now and now.digest not in self._whole:
                self._check(tag, self._registry.manifest(self._repository.at(now.digest)))
        self.looks += 1

    def _check(self, tag: str, index: Manifest) -> None:
        missing = [c for c in index.children if self._registry.resolve(self._repository.at(c.digest)) is None]
        self.found += [f"{tag} lacks {child.digest}" for child in missing]
        if len(index.children) != len(PLATFORMS):
            self.found.append(f"{tag} has {len(index.children)} children")
        if not missing:
            self._whole.add(index.digest)


@contextmanager
def watching(registry: Registry, repository: Repository) -> Iterator[Watcher]:
    """Look at a repository all the time while the block runs, and once more at its end."""
    watcher, stop = Watcher(registry, repository), Event()

    def run() -> None:
        while not stop.wait(0.02):
            watcher.look()

    with ThreadPoolExecutor(1) as pool:
        looking = pool.submit(run)
        try:
            yield watcher
        finally:
            stop.set()
            looking.result()
            watcher.look()
