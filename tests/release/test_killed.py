"""A release that is killed with SIGKILL at a registry write, and run once more.

`benchmarks/killed_release.py` does the same at every write of a larger family.
"""

from itertools import cycle

from builder.registry import Registry
from tests.release.family import Family
from tests.release.killing import Ordeal
from tests.servers.fault_proxy import FaultProxy, Moment


def test_killed_at_every_write_and_run_again_a_release_ends_the_same(
    registry: Registry, family: Family, proxy: FaultProxy
) -> None:
    ordeal = Ordeal(registry, family, proxy, targets=2)
    for write in range(1, ordeal.writes + 1):
        ordeal.survive(write, Moment.AFTER if write % 2 else Moment.BEFORE)
    assert ordeal.looks > ordeal.writes


def test_killed_all_along_a_promotion_of_24_targets(
    registry: Registry, family: Family, proxy: FaultProxy
) -> None:
    ordeal = Ordeal(registry, family, proxy, targets=24)
    # The later ones are in the list of referrers, the record, the immutable and the rolling tags.
    for share, moment in zip((0.3, 0.7, 0.84, 0.88, 0.95), cycle(Moment), strict=False):
        ordeal.survive(int(ordeal.writes * share), moment)
