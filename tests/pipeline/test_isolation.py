"""What goes wrong with one cell costs no other: neither its build, nor what is told of it."""

import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from shutil import which

import pytest

from builder.model.errors import BuilderError, ExitCode
from builder.model.outcome import Built, Cause, Failed, Reused, Skipped
from builder.pipeline.bake import Options
from builder.pipeline.staging.plan import Step
from builder.pipeline.staging.weight import settled, too_heavy
from builder.registry import Registry
from tests.pipeline.conftest import CPU, Family, make_family
from tests.pipeline.heard import Heard
from tests.pipeline.runs import run
from tests.pipeline.test_apps import with_app
from tests.pipeline.test_budget import allow, stage
from tests.pipeline.tiny import tiny
from tests.servers.fault_proxy import FaultProxy
from tests.servers.faults import Fault, Faults
from tests.servers.registry import RegistryServer

UNTESTED = Options(smoke=False)


@dataclass(slots=True)
class Unweighable(Faults):
    """No image of staging is told of by its digest."""

    def choose(self, method: str, path: str) -> tuple[Fault | None, Random]:
        hit = method == "GET" and "/acme/staging/manifests/sha256:" in path
        return (Fault.TROUBLE if hit else None), Random(0)


def test_an_image_that_cannot_be_weighed_is_a_failure_of_its_own(
    registry: Registry, proxy: FaultProxy, tmp_path: Path
) -> None:
    made = make_family(tmp_path / "family", proxy, CPU)
    allow(made, "4 MB")
    (build,) = made.work().builds
    stage(registry, build)
    digest = registry.manifest(build.image).digest
    (fine,) = settled(registry, [Step(build, digest)], str)
    assert isinstance(fine, Reused)
    proxy.faults = Unweighable()
    (outcome,) = settled(registry, [Step(build, digest)], lambda one: f"again {one.name}")
    assert isinstance(outcome, Failed)
    assert outcome.cause is Cause.REGISTRY
    assert outcome.reproduce == f"again {build.name}"
    assert too_heavy(registry, build, digest, lambda one: f"again {one.name}") == outcome


def test_an_argument_that_looks_like_a_secret_is_refused_before_anything_is_asked(
    family: Callable[..., Family],
) -> None:
    made = with_app(family(CPU))
    made.file.write_text(made.file.read_text().replace("{WORD: hi}", "{DB_PASSWORD: hunter2}"))
    with pytest.raises(BuilderError, match="DB_PASSWORD looks like a secret") as refused:
        made.work()
    assert refused.value.code is ExitCode.MATRIX
    lines = made.file.read_text().splitlines()
    assert str(refused.value.where).startswith(f"{made.file}:{lines.index('  hello:') + 1}:")


@pytest.mark.engine
def test_a_proxys_password_is_refused_before_the_first_build(
    family: Callable[..., Family], monkeypatch: pytest.MonkeyPatch
) -> None:
    made, heard = family(CPU), Heard()
    monkeypatch.setenv("HTTPS_PROXY", "http://me:hunter2@proxy.example.com:3128")
    with pytest.raises(BuilderError, match="HTTPS_PROXY looks like a secret"):
        run(made, heard=heard, options=UNTESTED)
    assert heard == Heard()


@pytest.fixture
def small(tmp_path: Path, server: RegistryServer) -> Family:
    """Two images that take a moment."""
    return Family(tiny(tmp_path / "small", server.host, 2, ["linux/amd64"]), server)


def refuse_to_prune(folder: Path, path: str, after: int) -> str:
    """Put a `docker` before the real one whose `buildx prune` works only so often; the new search path."""
    folder.mkdir()
    docker = folder / "docker"
    docker.write_text(f"""#!/bin/sh
if [ "$1 $2" = "buildx prune" ]; then
    echo >> {folder}/pruned
    [ "$(wc -l < {folder}/pruned)" -gt {after} ] && {{ echo "the builder is gone" >&2; exit 1; }}
    exit 0
fi
exec {which("docker")} "$@"
""")
    docker.chmod(docker.stat().st_mode | stat.S_IXUSR)
    return f"{folder}:{path}"


@pytest.mark.engine
def test_a_cache_that_cannot_be_pruned_costs_the_group_that_needed_it(
    small: Family, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", refuse_to_prune(tmp_path / "bin", os.environ["PATH"], 1))
    report = run(small, options=Options(smoke=False, budget=1_000_000_000))
    first, second = (result.build for result in report.results)
    assert isinstance(first, Built)
    assert isinstance(second, Failed)
    assert any("the builder is gone" in line for line in second.log)
    assert report.code is ExitCode.BUILD_FAILED
    assert run(small, options=UNTESTED).count(Built) == 1


@pytest.mark.engine
def test_a_parent_over_its_budget_keeps_its_app_from_being_built_in_every_run(
    family: Callable[..., Family],
) -> None:
    made = with_app(family(CPU))
    made.file.write_text(made.file.read_text().replace("\napps:", "\nbudget: {base: 1 MB}\napps:"))
    first, heard = run(made, options=UNTESTED), Heard()
    second = run(made, heard=heard, options=UNTESTED)
    over, app = (result.step.build.name for result in first.results)
    for report in (first, second):
        below, above = (result.build for result in report.results)
        assert isinstance(below, Failed)
        assert below.cause is Cause.BUDGET
        assert above == Skipped(f"its parent {over} failed")
    assert heard.lines == [f"Failed {over}", f"Skipped {app}"]
