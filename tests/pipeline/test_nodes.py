"""A builder of two machines: two engines that have nothing in common but the registry they push to."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from builder.model.digest import Digest
from builder.model.errors import BuilderError, ExitCode
from builder.model.outcome import Built, Cause, Failed
from builder.model.progress import Progress
from builder.pipeline.bake import Options, Report
from tests.pipeline.conftest import CPU, Family, make_family
from tests.pipeline.heard import Heard
from tests.pipeline.runs import run
from tests.pipeline.tiny import tiny
from tests.servers.nodes import Node, create_builder, node
from tests.servers.registry import RegistryServer

pytestmark = pytest.mark.engine

AMD64, ARM64 = "linux/amd64", "linux/arm64"
ALL = f"{AMD64},{ARM64}"


@pytest.fixture
def nodes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Node, Node]]:
    """Two engines with empty caches, whose steps share the host's network."""
    monkeypatch.setenv("BUILDX_CONFIG", str(tmp_path / "buildx"))
    monkeypatch.setenv("CIB_NETWORK", "host")
    with ExitStack() as stack:
        yield stack.enter_context(node()), stack.enter_context(node())


@pytest.fixture
def small(tmp_path: Path, server: RegistryServer) -> Family:
    """Two targets for both platforms."""
    return Family(tiny(tmp_path / "small", server.host, 2), server)


def on(builder: str) -> Options:
    return Options(builder=builder, smoke=False)


def built(report: Report) -> dict[str, Digest]:
    """The digests by name; every build has to have ended well."""
    outcomes = {result.step.build.name: result.build for result in report.results}
    assert all(isinstance(outcome, Built) for outcome in outcomes.values()), outcomes
    return {name: outcome.digest for name, outcome in outcomes.items() if isinstance(outcome, Built)}


@dataclass
class Killer(Heard):
    """Kills a node as soon as something was done on it for a platform."""

    victim: Node | None = None
    slug: str = ""
    killed: bool = False

    def progress(self, progress: Progress) -> None:
        if self.victim and not self.killed and progress.build.endswith(self.slug) and progress.done:
            self.killed = True
            self.victim.kill()


# What no two builds have in common.
UNIQUE = """
apps:
  unique:
    context: unique
    test: ["true"]
    tags: {release: "{app}-{cuda}-{epoch:%Y%m%d}"}
"""


def with_unique(family: Family) -> Family:
    folder = family.file.parent / "unique"
    folder.mkdir()
    (folder / "Dockerfile").write_text("FROM base\nRUN head -c 64 /dev/urandom >/tmp/random\n")
    family.file.write_text(family.file.read_text() + UNIQUE)
    return family


def test_two_engines_that_know_nothing_give_the_same_digests(
    nodes: tuple[Node, Node], server: RegistryServer, shared_server: RegistryServer, tmp_path: Path
) -> None:
    create_builder("one", a=(nodes[0], ALL))
    create_builder("other", a=(nodes[1], ALL))
    first, second = (
        with_unique(make_family(tmp_path / name, place, CPU))
        for name, place in (("one", server), ("other", shared_server))
    )
    with ThreadPoolExecutor() as pool:
        one = pool.submit(run, first, options=on("one"))
        other = pool.submit(run, second, options=on("other"))
        digests, others = built(one.result()), built(other.result())
    assert digests.keys() == others.keys()
    same = [name for name in digests if digests[name] == others[name]]
    assert same == ["cpu-base-debian12-py3_11-amd64"], digests


def test_a_node_that_dies_costs_its_platform_alone(nodes: tuple[Node, Node], small: Family) -> None:
    create_builder("both", a=(nodes[0], AMD64), b=(nodes[1], ARM64))
    heard = Killer(victim=nodes[1], slug="arm64")
    report = run(small, heard=heard, options=on("both"))
    assert heard.killed
    assert report.code == ExitCode.BUILD_FAILED
    outcomes = {result.step.build.name: result.build for result in report.results}
    for name, outcome in outcomes.items():
        if name.endswith("amd64"):
            assert isinstance(outcome, Built)
        else:
            assert isinstance(outcome, Failed)
            assert outcome.cause is Cause.ENGINE
            assert outcome.retried is Cause.ENGINE
            assert outcome.reproduce == f"again {name}"
    create_builder("rest", a=(nodes[0], ALL))
    finished = run(small, options=on("rest"))
    assert finished.code == ExitCode.DONE
    assert finished.count(Built) == 2


def test_a_builder_elsewhere_needs_no_engine_here(
    small: Family, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BUILDX_CONFIG", str(tmp_path / "buildx"))
    monkeypatch.setenv("CIB_NETWORK", "host")
    with node() as only:
        create_builder("elsewhere", a=(only, ALL))
        monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
        for options in (Options(builder="elsewhere"), Options(smoke=False)):
            with pytest.raises(BuilderError, match="no Docker engine answers") as refused:
                run(small, f"platform={AMD64}", options=options)
            assert refused.value.code is ExitCode.TOOL_MISSING
        assert len(built(run(small, f"platform={AMD64}", options=on("elsewhere")))) == 2
