"""Disks: estimates from past sizes, a budget that is kept, and a full disk that is called that."""

import json
import os
import re
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from builder.cli.app import run as command_line
from builder.engine.cache import is_local, prune
from builder.engine.client import connect
from builder.model.descriptor import Descriptor
from builder.model.digest import Digest
from builder.model.errors import BuilderError, ExitCode
from builder.model.outcome import Built, Cause, Failed
from builder.model.size import parse_size
from builder.model.space import Space
from builder.pipeline.bake import Options
from builder.pipeline.staging.build import Baked
from builder.pipeline.staging.disk import estimate, groups, kept
from builder.pipeline.staging.plan import Step, plan
from builder.registry import Registry
from builder.report.space import sentences
from tests.bake.samples import all_builds
from tests.pipeline.conftest import Family
from tests.pipeline.heard import Heard
from tests.pipeline.runs import run
from tests.pipeline.tiny import tiny
from tests.servers.nodes import create_builder, node
from tests.servers.registry import RegistryServer

APPS = ("one", "other")
DATA = 30_000_000


def layer(name: str, size: int) -> Descriptor:
    return Descriptor("application/vnd.oci.image.layer.v1.tar+gzip", Digest.of(name.encode()), size)


def steps(*layers: tuple[Descriptor, ...]) -> list[Step]:
    build = next(iter(all_builds().values()))
    return [Step(replace(build, name=f"b{i}"), None, former=former) for i, former in enumerate(layers)]


def test_layers_that_images_share_are_counted_once() -> None:
    base, a, b = layer("base", 100), layer("a", 10), layer("b", 20)
    assert estimate(steps((base, a))) == round(110 * 4.5)
    assert estimate(steps((base, a), (base, b), ())) == round(130 * 4.5)


def test_groups_stay_under_the_budget_in_their_order() -> None:
    one = 4500
    found = steps(*((layer(str(number), 1000),) for number in range(5)), (), (layer("big", 9000),))
    names = [[step.build.name for step in group] for group in groups(found, 2 * one)]
    assert names == [["b0", "b1"], ["b2", "b3"], ["b4"], ["b5"], ["b6"]]
    assert [len(group) for group in groups(found, None)] == [7]
    assert kept(found[:2], 2 * one) == 0
    assert kept(found[:1], 2 * one) == one
    assert kept(found[5:6], 2 * one) == one


def test_what_is_said_of_the_disk() -> None:
    said = Space(30_000_000_000, 2, ("a", "b"), 2_000_000_000, "/")
    assert list(sentences(said)) == [
        "disk: 2 builds of some 30 GB together, and 2 builds of unknown size; 2.0 GB free at /",
        "disk: that may not be enough: free some, or build in groups with --disk-budget",
    ]
    budgeted = replace(said, budget=1_000_000_000, groups=2, alone=("large",))
    assert list(sentences(budgeted))[1:] == [
        "disk: 2 groups of builds under 1.0 GB, the build cache pruned before each",
        "disk: large alone needs more than the budget",
    ]
    (unknown,) = sentences(Space(0, 0, ("new",)))
    assert unknown.startswith("disk: 1 build of unknown size; ")
    assert unknown.endswith("what the builder has free is not known here")


def test_a_budget_that_is_no_size_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert command_line(["bake", "--disk-budget", "20 gigabytes"]) == ExitCode.MATRIX
    assert "`20 gigabytes` is no size such as 20GB" in capsys.readouterr().err


def with_data(family: Family) -> Family:
    """The family with two apps of random bytes, each other ones than before."""
    matrix = json.loads(family.file.read_text())
    matrix["apps"] = {
        app: {"context": app, "test": ["true"], "tags": {"release": f"{app}-{{cuda}}-{{epoch:%Y%m%d}}"}}
        for app in APPS
    }
    family.file.write_text(json.dumps(matrix))
    for app in APPS:
        folder = family.file.parent / app
        folder.mkdir(exist_ok=True)
        (folder / "Dockerfile").write_text("FROM cudnn-devel\nCOPY data /data\n")
        (folder / "data").write_bytes(os.urandom(DATA))
    return family


@dataclass
class Weighing(Heard):
    """Sees how large the cache is whenever something was built, in bytes."""

    builder: str = ""
    most: int = 0

    def baked(self, baked: Baked) -> None:
        if not isinstance(baked.outcome, Built):
            return
        command = ["docker", "buildx", "du", "--builder", self.builder]
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        found = re.search(r"^Total:\s*(\S+)", told, re.MULTILINE)
        assert found, told
        self.most = max(self.most, parse_size(found[1]))


@pytest.fixture
def large(tmp_path: Path, server: RegistryServer, monkeypatch: pytest.MonkeyPatch) -> Family:
    """A small base, and two apps over it."""
    monkeypatch.setenv("BUILDX_CONFIG", str(tmp_path / "buildx"))
    monkeypatch.setenv("CIB_NETWORK", "host")
    return with_data(Family(tiny(tmp_path / "large", server.host, platforms=["linux/amd64"]), server))


def enough_for_one(family: Family) -> int:
    """A budget for either app, and not for both: what is estimated for one, and little more."""
    with Registry() as registry:
        plans = plan(registry, family.work("app=one").builds, family.work().terms)
        (app,) = (step for step in plans if step.build.recipe.cell.app)
        assert app.staged
        image = registry.manifest(app.build.staging.at(app.staged))
    return round(estimate(steps(image.layers)) * 1.02)


@pytest.mark.engine
def test_the_cache_stays_under_a_budget(large: Family) -> None:
    with node() as engine:
        create_builder("own", a=(engine, "linux/amd64"))
        free, bound = Weighing(builder="own"), Weighing(builder="own")
        first = run(large, heard=free, options=Options(builder="own", smoke=False))
        assert first.count(Built) == 3
        assert len(free.spaces[0].unknown) == 3
        budget = enough_for_one(large)
        assert free.most > budget

        options = Options(builder="own", smoke=False, budget=budget)
        again = run(with_data(large), heard=bound, options=options)
        assert again.count(Built) == 2
        (told,) = bound.spaces
        assert (told.builds, told.unknown, told.groups, told.alone) == (2, (), 2, ())
        assert told.needed > budget
        assert told.free is None
        assert bound.most <= budget
        assert bound.most > told.needed / 10


@pytest.mark.engine
def test_a_full_disk_is_called_that(large: Family) -> None:
    with node(disk="250m") as engine:
        create_builder("small", a=(engine, "linux/amd64"))
        report = run(large, options=Options(builder="small", smoke=False))
    outcomes = [result.build for result in report.results]
    assert report.code == ExitCode.BUILD_FAILED
    assert isinstance(outcomes[0], Built)
    causes = {outcome.cause for outcome in outcomes if isinstance(outcome, Failed)}
    assert causes == {Cause.DISK}


@pytest.mark.engine
def test_a_builder_of_this_machine_tells_what_is_free(large: Family) -> None:
    heard = Heard()
    run(large, "app=one", heard=heard, options=Options(smoke=False))
    (told,) = heard.spaces
    assert told.free
    assert Path(told.place).is_dir()


@pytest.mark.engine
def test_a_builder_that_cannot_be_pruned_ends_the_run() -> None:
    docker = connect()
    with pytest.raises(BuilderError) as refused:
        prune(docker, "no-such-builder", 1)
    assert refused.value.code is ExitCode.TOOL_MISSING
    assert "no-such-builder" in refused.value.what
    assert is_local(docker, "no-such-builder")
