"""Kills a release at every one of its registry writes, runs it once more, and compares what it comes to.

    python -m benchmarks.killed_release [--targets 24] [--first 1] [--step 1]

A release of so many targets, two platforms each, is killed with SIGKILL before the registry hears of a write
at odd numbers, and after it has done it at even ones. All the while somebody looks at the tags.
"""

import argparse
import tempfile
import time
from itertools import cycle
from pathlib import Path

from builder.registry import Registry
from tests.release.family import Family
from tests.release.killing import PATIENT, Ordeal
from tests.servers.fault_proxy import Moment, fault_proxy
from tests.servers.registry import registry_server


def main() -> None:
    """Read the flags, and stop at the first release that ends otherwise."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--targets", type=int, default=24)
    parser.add_argument("--first", type=int, default=1, help="the write to begin with")
    parser.add_argument("--step", type=int, default=1, help="only every so many writes")
    arguments = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        registry_server(Path(folder), in_memory=True) as server,
        fault_proxy(server.host) as proxy,
        Registry(PATIENT) as registry,
    ):
        family = Family(registry, server.repository("staging"), server.repository("release"))
        ordeal = Ordeal(registry, family, proxy, targets=arguments.targets)
        began, writes = time.monotonic(), range(arguments.first, ordeal.writes + 1, arguments.step)
        for write, moment in zip(writes, cycle(Moment), strict=False):
            ordeal.survive(write, moment)
            print(f"\r{write} of {ordeal.writes} writes", end="", flush=True)
        seconds = time.monotonic() - began
        print(f"\n{len(writes)} releases killed, all ended the same; {ordeal.looks} looks; {seconds:.0f} s")


if __name__ == "__main__":
    main()
