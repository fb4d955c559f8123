"""How long it takes to resolve the tags of a matrix to digests, side by side with what people use today.

    python -m benchmarks.registry [--references 104 1000] [--slow 104]

Needs docker-registry, and measures those of crane, skopeo and docker that are on PATH, all against one local
registry whose content is in memory. Tools that take one reference start one process for each, eight at a time
in the second figure. Every figure is the best of so many runs as fit into a few seconds. Requests are counted
in a run of their own, through a proxy.
"""

import argparse
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from builder.model.reference import Reference
from builder.registry import Registry, Settings, anonymous, map_concurrently
from tests.servers.fault_proxy import fault_proxy
from tests.servers.images import push_index
from tests.servers.registry import registry_server

PROCESSES = 8
COUNTED = 20
ENOUGH_SECONDS = 4.0
SETTINGS = Settings(credentials=anonymous)
OURS = """
import sys
from builder.model.reference import Reference
from builder.registry import Registry, map_concurrently
with Registry() as registry:
    found = map_concurrently(registry.resolve, map(Reference.parse, sys.stdin.read().split()))
assert all(found)
"""


@dataclass(frozen=True, slots=True)
class Tool:
    """A way to resolve references; `slow` ones are spared the large numbers."""

    name: str
    resolve: Callable[[Sequence[str]], object]
    slow: bool = False


def in_this_process(references: Sequence[str]) -> None:
    """Our client, the interpreter running and httpx imported."""
    with Registry(SETTINGS) as registry:
        assert None not in map_concurrently(registry.resolve, map(Reference.parse, references))


def verified(references: Sequence[str]) -> None:
    """Our client, reading every manifest and hashing it."""
    with Registry(SETTINGS) as registry:
        map_concurrently(registry.manifest, map(Reference.parse, references))


def in_a_process(references: Sequence[str]) -> None:
    """Our client, from the start of the interpreter to its end."""
    subprocess.run([sys.executable, "-c", OURS], input="\n".join(references), text=True, check=True)


def each(command: Sequence[str], processes: int, references: Sequence[str]) -> None:
    """One process for every reference; `{}` in the command stands for it."""

    def run(reference: str) -> None:
        argv = [part.replace("{}", reference) for part in command]
        subprocess.run(argv, stdout=subprocess.DEVNULL, check=True)

    with ThreadPoolExecutor(processes) as pool:
        list(pool.map(run, references))


PEERS = {
    "crane digest": (["crane", "digest", "{}"], False),
    "skopeo inspect": (["skopeo", "inspect", "--raw", "--tls-verify=false", "docker://{}"], True),
    "docker manifest inspect": (["docker", "manifest", "inspect", "--insecure", "{}"], True),
    "docker buildx imagetools inspect": (["docker", "buildx", "imagetools", "inspect", "--raw", "{}"], True),
}


def tools() -> Iterator[Tool]:
    """Ours first, then whichever others are here, one process after the other and eight at a time."""
    yield Tool("ours", in_this_process)
    yield Tool("ours, with the interpreter's start", in_a_process)
    yield Tool("ours, every manifest read and hashed", verified)
    for name, (command, slow) in PEERS.items():
        if shutil.which(command[0]):
            yield Tool(f"{name}, one by one", partial(each, command, 1), slow)
            yield Tool(f"{name}, {PROCESSES} at a time", partial(each, command, PROCESSES), slow)


@contextmanager
def seeded(number: int) -> Iterator[tuple[str, list[str]]]:
    """A registry's host, and so many tags of one repository in it."""
    with tempfile.TemporaryDirectory() as folder, registry_server(Path(folder), in_memory=True) as server:
        repository = server.repository("bench/cuda")
        with Registry(SETTINGS) as registry:
            index = registry.manifest(repository.at(push_index(registry, repository.tag("0")).digest))
            names = [f"13.0.{number}-cudnn-devel-ubuntu24.04" for number in range(number)]
            map_concurrently(
                lambda name: registry.put_manifest(repository, index.content, index.media_type, tag=name),
                names,
            )
        yield server.host, [str(repository.tag(name)) for name in names]


def requests(tool: Tool, host: str, references: Sequence[str]) -> float:
    """Requests for each reference."""
    with fault_proxy(host) as proxy:
        tool.resolve([reference.replace(host, proxy.host) for reference in references[:COUNTED]])
        return proxy.requests / COUNTED


def cpu_seconds() -> float:
    """What this process and those that it waited for have used; the registry still runs, and is not in it."""
    usages = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def best(work: Callable[[], object]) -> tuple[float, float]:
    """The shortest time of several runs, and the CPU time of that one."""
    times: list[tuple[float, float]] = []
    while not times or sum(seconds for seconds, _ in times) < ENOUGH_SECONDS:
        began, spent = time.perf_counter(), cpu_seconds()
        work()
        times.append((time.perf_counter() - began, cpu_seconds() - spent))
    return min(times)


def measure(number: int, slow_up_to: int) -> None:
    """Print one table."""
    with seeded(number) as (host, references):
        tool, *_ = found = [tool for tool in tools() if not tool.slow or number <= slow_up_to]
        tool.resolve(references)
        print(f"\n{number} references\n{'':46}{'seconds':>9}{'ratio':>8}{'CPU':>9}{'requests each':>15}")
        base = 0.0
        for tool in found:
            seconds, cpu = best(partial(tool.resolve, references))
            base = base or seconds
            asked = requests(tool, host, references)
            print(f"{tool.name:46}{seconds:9.3f}{seconds / base:8.1f}{cpu:9.3f}{asked:15.2f}", flush=True)


def main() -> None:
    """Read the flags and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--references", type=int, nargs="+", default=[104, 1000])
    parser.add_argument("--slow", type=int, default=104, help="most references for tools that are slow")
    arguments = parser.parse_args()
    for number in arguments.references:
        measure(number, arguments.slow)


if __name__ == "__main__":
    main()
