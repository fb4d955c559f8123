"""An image whose parts of CUDA are not those of its base: told from the packages that both really have."""

import json
import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from builder.cli.app import run as command
from builder.matrix import lock as locks
from builder.matrix.rules.catalog import judge_survey
from builder.model.errors import ExitCode
from builder.model.outcome import Built
from builder.pipeline.bake import Options
from builder.pipeline.existing.drift import drifted
from builder.pipeline.existing.prospects import Prospect
from builder.pipeline.existing.survey import survey
from builder.pipeline.inputs.prepare import narrow
from builder.pipeline.inputs.project import Project, lock_path, read
from builder.pipeline.lock import lock, needs
from builder.pipeline.staging.plan import plan
from builder.registry import Registry
from tests.pipeline.conftest import Family, shared_server
from tests.pipeline.runs import run
from tests.pipeline.tiny import BASE, tiny
from tests.servers.registry import RegistryServer

__all__ = ["shared_server"]
pytestmark = pytest.mark.engine

TODAY = datetime.now(UTC).date()
NAME = "libcublas-13-0"
# As in images without a package manager, where each package has a file: Syft reads those, too.
PLACE = f"/var/lib/dpkg/status.d/{NAME}"
PACKAGE = f"""\
Package: {NAME}
Status: install ok installed
Maintainer: cudatools <cudatools@nvidia.com>
Architecture: amd64
Version: 13.1.0.3-1
Description: CUBLAS native runtime libraries
"""
UPGRADE = f"FROM cudnn-devel\nUSER root\nRUN sed -i s/13.1.0.3/13.9.9.9/ {PLACE}\n"


@pytest.fixture(scope="module")
def upgraded(tmp_path_factory: pytest.TempPathFactory, shared_server: RegistryServer) -> Family:
    """A staged family whose base has a package of NVIDIA's, and an app over it that replaces that."""
    folder, server = tmp_path_factory.mktemp("upgraded"), shared_server
    file = tiny(folder / "family", server.host, platforms=["linux/amd64"])
    base = folder / "base"
    base.mkdir()
    (base / "package").write_text(PACKAGE)
    (base / "Dockerfile").write_text(f"FROM {BASE}\nCOPY package {PLACE}\n")
    output = f"type=image,name={server.host}/nvidia/pytorch:01.01-py3,push=true,store=false"
    command = ["docker", "buildx", "build", "-q", "--provenance=false", f"--output={output}"]
    subprocess.run([*command, base], check=True, capture_output=True)
    app = file.parent / "app"
    app.mkdir()
    (app / "Dockerfile").write_text(UPGRADE)
    tags = {"release": "app-{cuda}-{epoch:%Y%m%d}"}
    told = {"build": {"sbom": "syft"}, "apps": {"app": {"context": "app", "test": "true", "tags": tags}}}
    file.write_text(json.dumps({**json.loads(file.read_text()), **told}))
    project = read(file, TODAY)
    with Registry() as registry:
        wanted = needs(project.matrix, project.expansion.cells)
        lock_path(file).write_text(locks.dump(lock(registry, wanted, None, update=False, today=TODAY)))
    family = Family(file, server)
    for result in run(family, options=Options(smoke=False)).results:
        assert isinstance(result.build, Built), result.build
    return family


def test_check_finds_what_an_upgrade_replaced(upgraded: Family) -> None:
    project: Project = read(upgraded.file, TODAY)
    with Registry() as registry:
        seen = survey(registry, project.matrix, (), project.lock, narrow(project, (), TODAY))
    assert [f"deb {NAME}" in contents.below for contents in seen.contents.values()] == [True, True]
    (found,) = judge_survey(replace(project.context(TODAY), survey=seen))
    assert found.rule == "image-drifted"
    assert f"{NAME} 13.9.9.9-1 instead of 13.1.0.3-1" in found.message
    assert [subject.partition("-")[0] for subject in found.subjects] == ["app"]


def test_a_plan_says_so_until_it_is_released(upgraded: Family, capsys: pytest.CaptureFixture[str]) -> None:
    said = f"{NAME} 13.9.9.9-1 instead of 13.1.0.3-1"
    assert command(["plan", "-f", str(upgraded.file), "--format", "json"]) == ExitCode.DONE
    lines = json.loads(capsys.readouterr().out)
    drift = {line["target"].partition("-")[0]: line["drift"] for line in lines}
    assert drift == {"13.0.0": [], "app": [said]}
    assert command(["plan", "-f", str(upgraded.file)]) == ExitCode.DONE
    rows = [row for row in capsys.readouterr().out.splitlines() if said in row]
    assert [row.partition("-")[0] for row in rows] == ["app"]

    work = upgraded.work()
    with Registry() as registry:
        steps = plan(registry, work.builds, work.terms)
        before = registry.requests.total
        released = dict.fromkeys((step.build.target for step in steps), Prospect.UNCHANGED)
        assert drifted(registry, steps, released) == {}
        assert registry.requests.total == before
        assert len(drifted(registry, steps, {})) == 1
        assert registry.requests.total > before


def test_nothing_is_asked_where_no_packages_are_listed(tmp_path: Path, server: RegistryServer) -> None:
    family = Family(tiny(tmp_path / "family", server.host, platforms=["linux/amd64"]), server)
    (result,) = run(family, options=Options(smoke=False)).results
    assert isinstance(result.build, Built)
    work = family.work()
    with Registry() as registry:
        steps = plan(registry, work.builds, work.terms)
        before = registry.requests.total
        assert drifted(registry, steps, {}) == {}
        assert registry.requests.total == before
