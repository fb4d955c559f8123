"""A real image whose Python uv manages: both platforms, from a folder, with none of the system's."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from python_on_whales import DockerClient, Image

from builder.engine.client import connect
from builder.engine.containers import run_probe
from builder.engine.pythons import MIRROR
from builder.model.cell import Env, Source
from builder.model.digest import Digest
from builder.model.errors import ExitCode
from builder.model.outcome import Built, Cause, Failed, Reused, Tested
from builder.model.receipt import Status
from builder.report.export import devcontainer
from builder.report.export.image import Image as Exported
from builder.smoke.expectation import expectation
from builder.smoke.program import program
from builder.smoke.verdict import verdict
from tests.bake.test_overlaps import wheel
from tests.managed.conftest import KNOWN
from tests.managed.faults import PYTHONS, PythonFault
from tests.managed.releases import Releases
from tests.pipeline.conftest import Family, shared_server
from tests.pipeline.made import AMD64, Made, locked_family, ran
from tests.pipeline.runs import run
from tests.pythons import VERSION
from tests.servers.registry import RegistryServer
from tests.smoke.samples import NOW, POLICY, PROBE, cell

__all__ = ["shared_server"]
pytestmark = pytest.mark.engine

ARCHIVE = f"20251101/cpython-{VERSION}+20251101-x86_64-unknown-linux-gnu-install_only_stripped.tar.gz"


@pytest.fixture(scope="module")
def made(releases: Releases, tmp_path_factory: pytest.TempPathFactory, shared_server: RegistryServer) -> Made:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(MIRROR, str(releases.folder))
        patch.setenv(KNOWN, releases.known.as_uri())
        asked = {"python": "3.11", "env": "uv"}
        family = locked_family(tmp_path_factory.mktemp("managed"), shared_server, asked)
        return Made(family, run(family))


@pytest.fixture(scope="module")
def docker() -> DockerClient:
    return connect()


def test_both_platforms_are_built_and_pass(made: Made) -> None:
    for result in made.report.results:
        assert isinstance(result.build, Built), getattr(result.build, "log", "")
        assert isinstance(result.test, Tested), result.test
        checks = {check.id: check.detail for check in result.test.receipt.checks}
        assert result.test.receipt.passed, checks
        assert checks["platform.managed"] == "/opt/python"
        assert checks["platform.python"] == f"{VERSION} at /opt/venv/bin/python3"
    assert made.report.code == ExitCode.DONE


def test_no_python_of_the_systems_is_in_the_image(docker: DockerClient, made: Made) -> None:
    image = made.image("linux/amd64")
    found = "command -v python3; find / -xdev -name 'python3.*' -type f -perm -1 2>/dev/null"
    script = f"{found}; dpkg -l | grep -c python || true"
    assert ran(docker, image, "bash", "-c", script).split() == [
        "/opt/venv/bin/python3",
        "/opt/python/bin/python3.11",
        "0",
    ]


def test_builds_of_extensions_find_a_compiler_and_headers_that_others_have(
    docker: DockerClient, made: Made
) -> None:
    code = "import sysconfig as s; print(*map(s.get_config_var, ('CC', 'INCLUDEPY')), sep=', ')"
    said = ran(docker, made.image("linux/amd64"), "python3", "-c", code)
    assert said == "cc -pthread, /opt/python/include/python3.11"


def test_its_library_is_compiled_and_says_nothing_of_where_it_was_made(
    docker: DockerClient, made: Made, releases: Releases
) -> None:
    image = made.image("linux/amd64")
    library = "/opt/python/lib/python3.11/json"
    cached = f"{library}/__pycache__/__init__.cpython-311.pyc"
    assert ran(docker, image, "grep", "-c", f"{library}/__init__.py", cached) == "1"
    traces = f"grep -rlE '{releases.folder}|/builder|/image/' /opt/python /opt/venv/pyvenv.cfg || echo none"
    assert ran(docker, image, "bash", "-c", traces) == "none"


def test_nothing_is_done_twice(made: Made) -> None:
    again = run(made.family)
    assert [type(result.build) for result in again.results] == [Reused, Reused]


def _spoilt(made: Made, folder: Path) -> Failed:
    """How a build of the same family for amd64 fails; another compression is another key."""
    file = folder / "family" / "matrix.yaml"
    shutil.copytree(made.family.file.parent, file.parent)
    file.write_text(file.read_text().replace("zstd", "gzip"))
    report = run(Family(file, made.family.server), "platform=linux/amd64")
    (result,) = report.results
    assert report.code == ExitCode.BUILD_FAILED
    assert isinstance(result.build, Failed)
    assert "install-python" in result.build.step
    return result.build


@pytest.fixture
def mirror(releases: Releases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the releases that builds fetch from."""
    shutil.copytree(releases.folder, tmp_path / "mirror")
    monkeypatch.setenv(MIRROR, str(tmp_path / "mirror"))
    return tmp_path / "mirror"


def test_an_archive_that_is_not_the_locked_one_is_never_unpacked(
    made: Made, mirror: Path, tmp_path: Path
) -> None:
    with (mirror / ARCHIVE).open("ab") as file:
        file.write(b" ")
    failed = _spoilt(made, tmp_path)
    assert failed.cause is Cause.TRUST
    assert any(f"hash mismatch for {ARCHIVE}: locked is sha256:" in line for line in failed.log)


def test_an_archive_that_the_mirror_lacks_is_named(made: Made, mirror: Path, tmp_path: Path) -> None:
    (mirror / ARCHIVE).unlink()
    failed = _spoilt(made, tmp_path)
    said = f"{ARCHIVE} cannot be fetched: the site's folder does not have it"
    assert any(said in line for line in failed.log)


def test_users_of_its_dev_container_can_add_packages(
    docker: DockerClient, made: Made, tmp_path: Path
) -> None:
    image = made.image("linux/amd64")
    (tmp_path / "wheels").mkdir(mode=0o755)
    wheel(tmp_path / "wheels", "added", own="its file")
    # Any number: the dev container gives its user that of the host's.
    add = ("bash", "-c", "pip install --no-index /wheels/added-1.0-py3-none-any.whl 2>&1 || true")
    wheels = (str(tmp_path / "wheels"), "/wheels", "ro")
    options: dict[str, Any] = {"user": "1234:1234", "volumes": [wheels], "networks": ["none"], "remove": True}
    assert "Permission denied" in str(docker.run(str(image), [*add], **options))
    cells = tuple(result.step.cell for result in made.report.results)
    for file in devcontainer.write(Exported("managed", image, (), NOW.date(), cells)):
        (tmp_path / Path(file.path).name).write_text(file.text)
    built = docker.buildx.build(tmp_path, load=True, network="none", progress=False)
    assert isinstance(built, Image)
    try:
        assert "Successfully installed added" in str(docker.run(str(built.id), [*add], **options))
    finally:
        docker.image.remove(str(built.id), force=True)


@pytest.mark.parametrize("fault", PYTHONS, ids=lambda fault: fault.id)
def test_a_planted_fault_fails_its_check(
    docker: DockerClient, made: Made, tmp_path: Path, fault: PythonFault
) -> None:
    lines = ["USER root", f"RUN {fault.line}", "USER 1000:1000"]
    (tmp_path / "Dockerfile").write_text("\n".join((f"FROM {made.image('linux/amd64')}", *lines)) + "\n")
    image = docker.buildx.build(tmp_path, load=True, network="none", progress=False)
    assert isinstance(image, Image)
    try:
        plain: dict[str, Any] = {"source": Source.CPU, "cuda": "", "env": Env.UV, "components": ()}
        text = expectation(cell(**plain))
        seen = run_probe(docker, str(image.id), AMD64, program=program(), expectation=text)
        receipt = verdict(
            seen,
            promise=text,
            subject=Digest.of(b""),
            probe=PROBE,
            policy=POLICY,
            allowed={},
            host={},
            when=NOW,
        )
        failed = {one.id: one.detail for one in receipt.checks if one.status is not Status.PASSED}
        assert {check: failed.get(check) for check in fault.refused_by} == {fault.refused_by[0]: fault.said}
    finally:
        docker.image.remove(str(image.id), force=True)
