"""check against a real registry: the family has no finding there, and each planted fault is the only one."""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from builder.cli.app import run
from builder.model.errors import ExitCode
from builder.model.finding import Finding
from builder.model.reference import Repository
from builder.pipeline.check import check_online
from builder.pipeline.check_offline import Report
from builder.registry import Password, Registry, Settings
from tests.matrix.samples import TODAY
from tests.pipeline.seeded import Here, child, family, lock_here, push, seed, write
from tests.servers.fault_proxy import fault_proxy
from tests.servers.faults import Fault, Faults
from tests.servers.fixtures import QUICK
from tests.servers.images import push_image, push_index
from tests.servers.registry import registry_server

BASES = 60


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Here]:
    """The family beside a registry with every tag of the tables; tests leave both as they were."""
    folder = tmp_path_factory.mktemp("seeded")
    with registry_server(folder / "registry", in_memory=True) as server, Registry(QUICK) as registry:
        found = family(folder / "family", server.host)
        assert seed(registry, found.cuda) > 500
        lock_here(registry, found)
        yield found


def checked(registry: Registry, here: Here) -> Report:
    return check_online(registry, here.read(), TODAY)


def news(registry: Registry, here: Here) -> list[Finding]:
    """What the registry adds to what is found without one."""
    offline = Counter(here.read().findings)
    return list((Counter(checked(registry, here).findings) - offline).elements())


def test_the_family_has_no_finding_and_costs_a_request_a_base(registry: Registry, here: Here) -> None:
    report = checked(registry, here)
    assert report.findings == here.read().findings
    assert report.code == ExitCode.DONE
    # Besides the bases: a push that is begun and given up in two repositories, and a list of tags of each.
    assert registry.requests.total == BASES + 2 * (2 + 1)
    assert registry.requests.methods["HEAD"] == BASES


def test_a_deleted_tag(registry: Registry, here: Here) -> None:
    tag = here.cuda.tag("12.8.1-runtime-ubuntu22.04")
    before = registry.manifest(tag)
    registry.delete(here.cuda.at(before.digest))
    (found,) = news(registry, here)
    assert (found.rule, found.severity) == ("base-not-found", "error")
    assert "there is no 12.8.1-runtime-ubuntu22.04" in found.message
    assert "12.8.2-runtime-ubuntu22.04" in found.fix or "12.8.0-runtime-ubuntu22.04" in found.fix
    assert found.subjects == ("12.8.1-runtime-ubuntu22.04-py3.10",)
    assert checked(registry, here).code == ExitCode.FINDINGS
    registry.put_manifest(here.cuda, before.content, before.media_type, tag=tag.tag)
    assert news(registry, here) == []


def test_a_removed_platform(registry: Registry, here: Here) -> None:
    tag = here.cuda.tag("13.0.3-devel-ubuntu24.04")
    before = registry.manifest(tag)
    push(registry, tag, before.children[:1])
    (found,) = news(registry, here)
    assert (found.rule, found.severity) == ("base-without-platform", "error")
    assert f"{tag} has no linux/arm64, only linux/amd64" in found.message
    assert found.subjects == ("13.0.3-devel-ubuntu24.04-py3.12-torch2.14.1 (linux/arm64)",)
    registry.put_manifest(here.cuda, before.content, before.media_type, tag=tag.tag)


def test_a_moved_digest(registry: Registry, here: Here) -> None:
    tag = here.cuda.tag("13.0.3-devel-ubuntu24.04")
    before = registry.manifest(tag)
    new = child(registry, here.cuda, "amd64", "patched")
    push(registry, tag, [new, before.children[1]])
    (found,) = news(registry, here)
    assert (found.rule, found.severity) == ("base-moved", "warning")
    assert f"linux/amd64 {before.children[0].digest.short} → {new.digest.short}" in found.message
    assert "arm64" not in found.message
    assert found.subjects == ("13.0.3-devel-ubuntu24.04-py3.12-torch2.14.1 (linux/amd64)",)
    assert checked(registry, here).code == ExitCode.DONE
    registry.put_manifest(here.cuda, before.content, before.media_type, tag=tag.tag)


def test_latest_in_the_release_repository_and_in_the_matrix(
    registry: Registry, here: Here, tmp_path: Path
) -> None:
    text = here.file.read_text().replace('"12.6.3", ', '"12.6.3", latest, ')
    with_latest = write(tmp_path, here.host, text)
    line = next(i for i, text in enumerate(text.splitlines(), 1) if "latest" in text)
    errors = [finding for finding in with_latest.read().findings if finding.severity == "error"]
    assert {finding.rule for finding in errors} == {"no-latest"}
    assert line in {finding.where.line for finding in errors if finding.where}

    pushed = push_image(registry, here.release.tag("latest"))
    (found,) = news(registry, here)
    assert (found.rule, found.severity) == ("latest-published", "warning")
    registry.delete(here.release.at(pushed.digest))
    assert news(registry, here) == []


def test_all_faults_at_once_are_all_told(registry: Registry, here: Here) -> None:
    deleted, halved, moved = (
        here.cuda.tag(f"13.2.1-{flavor}-ubuntu24.04") for flavor in ("base", "runtime", "devel")
    )
    before = {tag: registry.manifest(tag) for tag in (deleted, halved, moved)}
    registry.delete(here.cuda.at(before[deleted].digest))
    push(registry, halved, before[halved].children[1:])
    push(registry, moved, [child(registry, here.cuda, arch, "patched") for arch in ("amd64", "arm64")])
    latest = push_image(registry, here.release.tag("latest"))
    rules = Counter(finding.rule for finding in news(registry, here))
    assert rules == {"base-not-found": 1, "base-without-platform": 1, "base-moved": 1, "latest-published": 1}
    for tag, manifest in before.items():
        registry.put_manifest(here.cuda, manifest.content, manifest.media_type, tag=tag.tag)
    registry.delete(here.release.at(latest.digest))


@pytest.mark.parametrize("rate", [0.2, 0.5])
def test_faults_on_the_way_change_no_verdict(here: Here, tmp_path: Path, rate: float) -> None:
    """Every answer is right or missing: nothing that is there is ever said not to be."""
    with fault_proxy(here.host) as proxy, Registry(QUICK) as direct, Registry(QUICK) as asked:
        there = write(tmp_path, proxy.host, here.file.read_text().replace(here.host, proxy.host))
        lock_here(direct, there)
        proxy.faults = Faults(rate, seed=11)
        found = news(asked, there)
    assert {finding.rule for finding in found} <= {"registry-unavailable"}
    if rate < 0.5:
        assert found == []
    assert proxy.injected.total() > rate * BASES / 2


def test_a_registry_that_is_down_says_nothing_of_what_it_has(here: Here, tmp_path: Path) -> None:
    with fault_proxy(here.host) as proxy, Registry(QUICK) as direct, Registry(QUICK) as asked:
        there = write(tmp_path, proxy.host, here.file.read_text().replace(here.host, proxy.host))
        lock_here(direct, there)
        proxy.faults = Faults(1.0, kinds=(Fault.TROUBLE,))
        report = checked(asked, there)
        errors = [finding for finding in report.findings if finding.severity == "error"]
        assert {finding.rule for finding in errors} == {"registry-unavailable"}
        assert report.code == ExitCode.UNAVAILABLE
        # Sixteen at a time may be under way when the first has lost its patience.
        assert asked.requests.total <= 16 * QUICK.retry.attempts


def test_a_push_that_is_refused_is_told_and_stops_no_check(tmp_path: Path) -> None:
    text = """
release: HOST/acme/cuda
staging: HOST/acme/cuda-staging
sources: {cpu: {repository: HOST/library}}
include: [{cuda: cpu, os: debian12, platform: linux/amd64}]
tags: {release: "{cuda}-{epoch:%Y%m%d}"}
"""
    with registry_server(tmp_path / "registry", users={"me": "planted-password"}) as server:
        with Registry(as_me("planted-password")) as registry:
            there = write(tmp_path / "family", server.host, text.replace("HOST", server.host))
            push_index(registry, Repository(server.host, "library/debian").tag("12-slim"))
            lock_here(registry, there)
            assert news(registry, there) == []
        with Registry(as_me("planted-mistake")) as stranger:
            found = news(stranger, there)
            assert {finding.rule for finding in found} == {"push-refused", "registry-unavailable"}
            assert checked(stranger, there).code == ExitCode.UNAUTHORIZED
            assert "planted" not in "".join(f"{finding}" for finding in found)


def as_me(password: str) -> Settings:
    return replace(QUICK, credentials=lambda _: Password("me", password))


WATCHED = """
import sys

def watch(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto"):
        raise ConnectionError(f"{event} {arguments}")

sys.addaudithook(watch)
from builder.cli.app import run
sys.exit(run(sys.argv[1:]))
"""


def watched(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """A run of the builder in which every connection fails."""
    command = [sys.executable, "-c", WATCHED, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


def test_offline_opens_no_connection(here: Here) -> None:
    offline = watched("check", "--offline", "--format", "json", "-f", here.file)
    assert offline.returncode == 0, offline.stderr
    assert "registry" not in {finding["rule"].partition("-")[0] for finding in json.loads(offline.stdout)}
    online = watched("check", "--format", "json", "-f", here.file)
    assert online.returncode == ExitCode.UNAVAILABLE, online.stderr
    assert "registry-unavailable" in {finding["rule"] for finding in json.loads(online.stdout)}


def test_the_command_asks_unless_it_is_told_not_to(here: Here, capsys: pytest.CaptureFixture[str]) -> None:
    with Registry(QUICK) as registry:
        pushed = push_image(registry, here.release.tag("latest"))
        codes = [run(["check", "-f", str(here.file), *more]) for more in ((), ("--offline",))]
        said = capsys.readouterr().out
        registry.delete(here.release.at(pushed.digest))
    assert codes == [0, 0]
    assert said.count("[latest-published]") == 1
