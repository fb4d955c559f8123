"""An image whose parts of CUDA are not those of its base: told from the packages that both really have."""

import json
import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from builder.matrix import lock as locks
from builder.matrix.rules.catalog import judge_survey
from builder.model.outcome import Built
from builder.pipeline.lock import lock, needs
from builder.pipeline.main import Options
from builder.pipeline.prepare import narrow
from builder.pipeline.project import Project, lock_path, read
from builder.pipeline.survey import survey
from builder.registry import Registry
from tests.pipeline.conftest import Family
from tests.pipeline.runs import run
from tests.pipeline.tiny import BASE, tiny
from tests.servers.registry import RegistryServer

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


@pytest.fixture
def upgraded(tmp_path: Path, server: RegistryServer) -> Family:
    """A family whose base has a package of NVIDIA's, and an app over it that replaces that."""
    file = tiny(tmp_path / "family", server.host, platforms=["linux/amd64"])
    base = tmp_path / "base"
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
    return Family(file, server)


def test_check_finds_what_an_upgrade_replaced(upgraded: Family) -> None:
    over, app = run(upgraded, options=Options(smoke=False)).results
    assert isinstance(over.build, Built)
    assert isinstance(app.build, Built)
    project: Project = read(upgraded.file, TODAY)
    with Registry() as registry:
        seen = survey(registry, project.matrix, (), project.lock, narrow(project, (), TODAY))
    assert [f"deb {NAME}" in contents.below for contents in seen.contents.values()] == [True, True]
    (found,) = judge_survey(replace(project.context(TODAY), survey=seen))
    assert found.rule == "image-drifted"
    assert f"{NAME} 13.9.9.9-1 instead of 13.1.0.3-1" in found.message
    assert [subject.partition("-")[0] for subject in found.subjects] == ["app"]
