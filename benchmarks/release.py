"""How long it takes to promote a family from staging to release, side by side with what people use today.

    python -m benchmarks.release [--targets 24] [--megabytes 8] [--signed] [--latency 0.02]

Needs docker-registry, and measures those of crane, skopeo and docker that are on PATH, all against one local
registry whose content is in memory, from one of its repositories to another. Every image has two platforms, a
layer that all share, one of its own, and two tags to get. Ours does more than the others: it reads receipts
and judges by them, attaches them to what it copies, looks at everything again, and writes a record. crane is
measured copying the images alone, and with their receipts. Requests and uploaded bytes are counted in a run
of their own, through a proxy. With --latency (seconds) everything goes through that proxy, and every request
waits so long: as with a registry that is not on the same machine.
"""

import argparse
import io
import os
import random
import shutil
import subprocess
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from itertools import count
from pathlib import Path

from builder.model.descriptor import INDEX
from builder.model.reference import Repository
from builder.model.release import Candidate, Published, Ready, Unchanged
from builder.pipeline.release import release
from builder.registry import Registry, Settings, anonymous, map_concurrently
from builder.release.order import Order
from builder.release.signing.sign import Signer
from tests.release.family import Family
from tests.release.keys import PASSWORD, generate
from tests.release.make import EPOCH, PLATFORMS, TERMS, candidate
from tests.servers.fault_proxy import fault_proxy
from tests.servers.images import canonical
from tests.servers.registry import registry_server

SETTINGS = Settings(credentials=anonymous)


@dataclass(frozen=True, slots=True)
class Staged:
    """A staged family; its targets are indexes there too, for tools that copy those."""

    repository: Repository
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class Tool:
    """A way to promote a family into a repository.

    `gate` is the part of it that only decides. `again` says that a second run means something.
    """

    name: str
    promote: Callable[[Staged, Repository], object]
    gate: Callable[[Staged, Repository], object] | None = None
    again: bool = True


def ours(staged: Staged, place: Repository, *, signer: Signer | None = None, dry_run: bool = False) -> None:
    """Gate, copy, compare, record, tag; the first alone in a dry run."""
    parts = {c.name: tuple(replace(p, staging=staged.repository) for p in c.parts) for c in staged.candidates}
    candidates = tuple(replace(c, parts=parts[c.name]) for c in staged.candidates)
    with Registry(SETTINGS) as registry:
        report = release(registry, Order(candidates, (place,), EPOCH, TERMS, signer=signer), dry_run=dry_run)
    assert all(isinstance(outcome, Published | Unchanged | Ready) for outcome in report.outcomes)


def crane(staged: Staged, place: Repository) -> None:
    """One process for each index, and one for each further tag."""
    for target in staged.candidates:
        first, *others = (*target.tags, *target.rolling)
        run("crane", "copy", "--insecure", f"{staged.repository}:{target.name}", f"{place}:{first}")
        for tag in others:
            run("crane", "tag", "--insecure", f"{place}:{first}", tag)


def crane_with_receipts(staged: Staged, place: Repository) -> None:
    """As `crane`, and what refers to each platform, which this registry lists under a tag."""
    crane(staged, place)
    for target in staged.candidates:
        for part in target.parts:
            assert part.staged
            tag = f"sha256-{part.staged.hex}"
            run("crane", "copy", "--insecure", f"{staged.repository}:{tag}", f"{place}:{tag}")


def skopeo(staged: Staged, place: Repository) -> None:
    """One process for each tag."""
    insecure = ("--src-tls-verify=false", "--dest-tls-verify=false")
    for target in staged.candidates:
        for tag in (*target.tags, *target.rolling):
            source, copy = f"docker://{staged.repository}:{target.name}", f"docker://{place}:{tag}"
            run("skopeo", "copy", "--all", *insecure, source, copy)


def imagetools(staged: Staged, place: Repository) -> None:
    """One process for each index; it writes all tags of that."""
    for target in staged.candidates:
        tags = [f"--tag={place}:{tag}" for tag in (*target.tags, *target.rolling)]
        platforms = [f"{staged.repository}@{part.staged}" for part in target.parts]
        run("docker", "buildx", "imagetools", "create", *tags, *platforms)


def pull_tag_push(staged: Staged, place: Repository) -> None:
    """Through the engine, platform by platform, and an index of the two at the end."""
    for target in staged.candidates:
        pushed = []
        for part in target.parts:
            source, copy = f"{staged.repository}@{part.staged}", f"{place}:{target.name}-{part.platform.slug}"
            run("docker", "pull", "--quiet", "--platform", str(part.platform), source)
            run("docker", "tag", source, copy)
            run("docker", "push", "--quiet", "--platform", str(part.platform), copy)
            run("docker", "rmi", "--force", source, copy)
            pushed.append(copy)
        tags = [f"--tag={place}:{tag}" for tag in (*target.tags, *target.rolling)]
        run("docker", "buildx", "imagetools", "create", *tags, *pushed)


def run(*command: str) -> None:
    """Run a program that has to succeed."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)}: {done.stderr}"


@contextmanager
def tools(*, signed: bool) -> Iterator[list[Tool]]:
    """Ours first, then whichever others are here."""
    peers = (
        ("crane", Tool("crane copy and tag", crane)),
        ("crane", Tool("the same, with receipts", crane_with_receipts)),
        ("skopeo", Tool("skopeo copy --all", skopeo)),
        ("docker", Tool("docker buildx imagetools create", imagetools)),
    )
    found = [
        Tool("ours", ours, partial(ours, dry_run=True)),
        *(tool for program, tool in peers if shutil.which(program)),
    ]
    if shutil.which("docker"):
        found.append(Tool("docker pull, tag, push", pull_tag_push, again=False))
    with tempfile.TemporaryDirectory() as folder:
        if signed:
            os.environ["COSIGN_PASSWORD"] = PASSWORD
            signer = generate(Path(folder, "key")).signer
            found.insert(1, Tool("ours, signed", partial(ours, signer=signer)))
        yield found


def layer(size: int, seed: str) -> bytes:
    """A tar of one file that does not compress."""
    content = random.Random(seed).randbytes(size)
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        entry = tarfile.TarInfo(f"{seed}.bin")
        entry.size = size
        archive.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


def stage(family: Family, targets: int, megabytes: int) -> Staged:
    """Push the family, its receipts, and indexes for tools that want them."""
    shared = layer(megabytes << 20, "shared")
    candidates = []
    for number in range(targets):
        name = f"13.0.{number}-devel-ubuntu24.04"
        images = [
            family.image(name, platform, layers=(shared, layer(1 << 20, f"{name}-{platform.slug}")))
            for platform in PLATFORMS
        ]
        for made in images:
            family.stage(made)
        family.attach_all(images)
        children = [
            replace(m.manifest.descriptor, platform=p).json() for m, p in zip(images, PLATFORMS, strict=True)
        ]
        index = canonical({"schemaVersion": 2, "mediaType": INDEX, "manifests": children})
        family.registry.put_manifest(family.staging, index, INDEX, tag=name)
        candidates.append(candidate(*images, name=name))
    return Staged(family.staging, tuple(candidates))


def seconds(work: Callable[[], object]) -> float:
    """How long it takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def check(registry: Registry, staged: Staged, place: Repository) -> None:
    """Every tag has to be there."""
    tags = [tag for target in staged.candidates for tag in (*target.tags, *target.rolling)]
    assert None not in map_concurrently(lambda tag: registry.resolve(place.tag(tag)), tags)


def measure(targets: int, megabytes: int, latency: float, *, signed: bool) -> None:
    """Print the table."""
    names = (f"bench/release-{number}" for number in count())
    with (
        tempfile.TemporaryDirectory() as folder,
        registry_server(Path(folder), in_memory=True) as server,
        fault_proxy(server.host) as proxy,
        Registry(SETTINGS) as registry,
        tools(signed=signed) as found,
    ):
        staging = server.repository("bench/staging")
        staged = stage(Family(registry, staging, staging), targets, megabytes)
        proxy.latency = latency
        host = proxy.host if latency else server.host
        timed = replace(staged, repository=Repository(host, staging.path))
        print(f"{targets} targets, 2 platforms, {megabytes} MiB shared, 1 MiB each, {latency} s added")
        print(f"{'':34}{'seconds':>9}{'ratio':>8}{'again':>9}{'requests':>10}{'MiB up':>9}")
        base = 0.0
        for tool in found:
            place = Repository(host, next(names))
            first = seconds(partial(tool.promote, timed, place))
            base = base or first
            check(registry, staged, Repository(server.host, place.path))
            if tool.gate:
                gate = seconds(partial(tool.gate, timed, Repository(host, next(names))))
                print(f"{tool.name + ', without the gate':34}{first - gate:9.2f}{(first - gate) / base:8.2f}")
            again = f"{seconds(partial(tool.promote, timed, place)):9.2f}" if tool.again else f"{'':9}"
            requests, uploaded = proxy.requests, proxy.uploaded
            through = replace(staged, repository=proxy.repository(staging.path))
            tool.promote(through, proxy.repository(next(names)))
            cost = f"{proxy.requests - requests:10}{(proxy.uploaded - uploaded) / (1 << 20):9.1f}"
            print(f"{tool.name:34}{first:9.2f}{first / base:8.2f}{again}{cost}", flush=True)


def main() -> None:
    """Read the flags and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--targets", type=int, default=24)
    parser.add_argument("--megabytes", type=int, default=8, help="size of the layer that all images share")
    parser.add_argument("--signed", action="store_true", help="also measure with signatures by cosign")
    parser.add_argument("--latency", type=float, default=0.0, help="seconds that every request waits")
    arguments = parser.parse_args()
    measure(arguments.targets, arguments.megabytes, arguments.latency, signed=arguments.signed)


if __name__ == "__main__":
    main()
