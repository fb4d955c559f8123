"""A release while a fifth of all requests fail: it ends, and nothing wrong is published at any moment."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from builder.model.digest import Digest
from builder.model.release import Candidate, Published
from builder.pipeline.release import release
from tests.release.family import Family
from tests.release.killing import state, watching
from tests.release.sound import wrong
from tests.servers.fault_proxy import FaultProxy
from tests.servers.faults import Fault, Faults
from tests.servers.images import push_index


@pytest.mark.parametrize("seed", range(3))
def test_a_fifth_of_all_requests_failing_changes_nothing(
    family: Family, proxy: FaultProxy, seed: int
) -> None:
    targets = tuple(family.candidate(f"t{number}") for number in range(4))
    release(family.registry, family.order(*targets))
    shaky = Family(family.registry, proxy.repository(family.staging.path), proxy.repository("shaky"))
    straight = replace(family.release, path="shaky")
    parts = (replace(t, parts=tuple(replace(p, staging=shaky.staging) for p in t.parts)) for t in targets)
    with watching(family.registry, straight) as watcher:
        proxy.faults = Faults(0.2, seed)
        report = release(family.registry, shaky.order(*parts))
        proxy.faults = Faults()
    assert {type(outcome) for outcome in report.outcomes} == {Published}
    assert sum(proxy.injected.values()) > 20
    assert proxy.injected[Fault.WRONG]
    assert watcher.found == []
    assert wrong(family.registry, straight, targets) == []
    assert state(family.registry, straight) == state(family.registry, family.release)


def _moved(family: Family, target: Candidate) -> None:
    push_index(family.registry, family.release.tag(target.rolling[0]))


def _lost(family: Family, target: Candidate) -> None:
    family.storage(_layer(family, target)).unlink()


def _damaged(family: Family, target: Candidate) -> None:
    file = family.storage(_layer(family, target))
    content = file.read_bytes()
    file.write_bytes(bytes([content[0] ^ 1]) + content[1:])


def _layer(family: Family, target: Candidate) -> Digest:
    digest = target.parts[1].staged
    assert digest
    return family.registry.manifest(family.staging.at(digest)).layers[1].digest


@pytest.mark.parametrize(
    ("plant", "said"),
    [(_moved, "was tested"), (_lost, "does not have it"), (_damaged, "not what its digest")],
)
def test_a_wrong_digest_would_be_noticed(
    family: Family, plant: Callable[[Family, Candidate], None], said: str
) -> None:
    one, other = family.candidate("one"), family.candidate("other")
    release(family.registry, family.order(one, other))
    assert wrong(family.registry, family.release, (one, other)) == []
    plant(family, one)
    (line,) = wrong(family.registry, family.release, (one, other))
    assert said in line
