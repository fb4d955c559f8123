"""A real image with an environment of conda's: both platforms, from a channel, entered with no `activate`."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from python_on_whales import DockerClient, Image

from builder.engine.channels import ALIAS
from builder.engine.client import connect
from builder.engine.containers import run_probe
from builder.matrix import lock as locks
from builder.model.cell import Env, Source
from builder.model.digest import Digest
from builder.model.errors import ExitCode
from builder.model.outcome import Built, Cause, Failed, Reused, Tested
from builder.model.receipt import Status
from builder.pipeline.inputs.project import lock_path
from builder.smoke.expectation import expectation
from builder.smoke.program import program
from builder.smoke.verdict import verdict
from tests.conda.channel import Channel
from tests.conda.faults import ELSEWHERE, ENVIRONMENTS, KNOWN, OWN, EnvironmentFault, with_cuda
from tests.pipeline.conftest import Family, shared_server
from tests.pipeline.made import AMD64, Made, locked_family, ran
from tests.pipeline.runs import run
from tests.servers.registry import RegistryServer
from tests.smoke.samples import NOW, POLICY, PROBE, cell

__all__ = ["shared_server"]
pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def made(channel: Channel, tmp_path_factory: pytest.TempPathFactory, shared_server: RegistryServer) -> Made:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(ALIAS, str(channel.folder))
        folder = tmp_path_factory.mktemp("conda")
        (folder / "environment.yml").write_text("dependencies:\n  - tool=1.0\n  - triton >=3\n")
        wanted = {"environment": "environment.yml"}
        family = locked_family(folder, shared_server, {"env": "conda"}, conda=wanted)
        return Made(family, run(family))


@pytest.fixture(scope="module")
def docker() -> DockerClient:
    return connect()


def test_both_platforms_are_built_and_pass(made: Made) -> None:
    assert made.report.code == ExitCode.DONE
    for result in made.report.results:
        assert isinstance(result.build, Built), result.build
        assert isinstance(result.test, Tested), result.test
        checks = {check.id: check.detail for check in result.test.receipt.checks}
        assert result.test.receipt.passed, checks
        assert checks["conda.consistent"] == "4 packages"
        assert checks["conda.guarded"] == "1 packages"


def _built(docker: DockerClient, folder: Path) -> str:
    image = docker.buildx.build(folder, load=True, network="none", progress=False)
    assert isinstance(image, Image)
    return str(image.id)


def test_the_entrypoint_and_steps_of_a_derived_image_are_in_the_environment(
    docker: DockerClient, made: Made, tmp_path: Path
) -> None:
    image = made.image("linux/amd64")
    script = "echo $ACTIVATED $CONDA_PREFIX $(id -u) $(command -v python3); tool"
    wanted = "yes /opt/conda 1000 /opt/conda/bin/python3\nthe tool runs"
    assert ran(docker, image, "bash", "-c", script) == wanted
    assert ran(docker, image, "tool") == "the tool runs"
    # Without the entrypoint PATH is enough for programs.
    assert ran(docker, image, entrypoint="tool") == "the tool runs"

    (tmp_path / "Dockerfile").write_text(f"FROM {image}\nRUN {{ {script}; }} > /tmp/seen\n")
    built = _built(docker, tmp_path)
    try:
        assert docker.run(built, ["cat", "/tmp/seen"], remove=True, networks=["none"]) == wanted
    finally:
        docker.image.remove(built, force=True)


def test_the_image_says_what_it_is_made_of_and_nothing_of_where_it_was_made(
    docker: DockerClient, made: Made, channel: Channel
) -> None:
    image = made.image("linux/amd64")
    explicit = ran(docker, image, "cat", "/opt/conda/conda-meta/explicit.txt").splitlines()
    known = next(iter(locks.parse(lock_path(made.family.file).read_bytes(), "").conda.values()))
    assert explicit[0] == "@EXPLICIT"
    assert [line.split("/", 3)[3] for line in explicit[1:]] == [one.explicit for one in known]
    assert ran(docker, image, "cat", "/opt/conda/conda-meta/pinned") == "triton ==3.2.0 0"
    assert "  - tool=1.0" in ran(docker, image, "cat", "/opt/conda/environment.yml")
    meta = json.loads(ran(docker, image, "cat", "/opt/conda/conda-meta/tool-1.0-py_0.json"))
    assert meta["depends"] == ["python", "pip"]
    assert meta["url"] == next(line.partition("#")[0] for line in explicit if "/tool-1.0" in line)
    traces = (
        f"grep -rlE '{channel.folder}|/channels|/builder' /opt/conda/conda-meta /opt/conda/bin || echo none"
    )
    assert ran(docker, image, "bash", "-c", traces) == "none"
    left = "find / -xdev \\( -name '*.conda' -o -name '*.tar.bz2' -o -name pkgs \\) 2>/dev/null; true"
    assert ran(docker, image, "bash", "-c", left) == ""


def test_nothing_is_done_twice(made: Made, channel: Channel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ALIAS, str(channel.folder))
    again = run(made.family)
    assert [type(result.build) for result in again.results] == [Reused, Reused]


def test_a_package_that_is_not_the_locked_one_ends_the_step_that_would_install_it(
    made: Made, channel: Channel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Channel(tmp_path / "channels")
    shutil.copytree(channel.folder, other.folder)
    package = next((other.folder / "conda-forge/linux-64").glob("triton-*"))
    package.write_bytes(package.read_bytes() + b" ")
    monkeypatch.setenv(ALIAS, str(other.folder))
    # Another compression is another key: the image has to be built anew.
    file = tmp_path / "family" / "matrix.yaml"
    shutil.copytree(made.family.file.parent, file.parent)
    file.write_text(file.read_text().replace("zstd", "gzip"))
    report = run(Family(file, made.family.server), "platform=linux/amd64")
    (result,) = report.results
    assert report.code == ExitCode.BUILD_FAILED
    assert isinstance(result.build, Failed)
    assert result.build.cause is Cause.TRUST
    assert "install-conda" in result.build.step
    assert any("hash mismatch for conda-forge/linux-64/triton-3.2.0-0" in line for line in result.build.log)


def _failed(docker: DockerClient, image: str, **changes: Any) -> dict[str, str]:
    """The checks that an image does not pass, with what they say."""
    plain = {"source": Source.CPU, "cuda": "", "env": Env.CONDA, "components": ()}
    text = json.dumps(json.loads(expectation(cell(**plain))) | changes, sort_keys=True)
    seen = run_probe(docker, image, AMD64, program=program(), expectation=text)
    receipt = verdict(
        seen, promise=text, subject=Digest.of(b""), probe=PROBE, policy=POLICY, allowed={}, host={}, when=NOW
    )
    return {check.id: check.detail for check in receipt.checks if check.status is not Status.PASSED}


@pytest.fixture
def spoil(docker: DockerClient, made: Made, tmp_path: Path) -> Iterator[Callable[..., str]]:
    """Builds on the good image; what it made is removed again."""
    built: list[str] = []

    def spoil(*lines: str) -> str:
        text = "\n".join((f"FROM {made.image('linux/amd64')}", "USER root", *lines, "USER 1000:1000"))
        (tmp_path / "Dockerfile").write_text(f"{text}\n")
        built.append(_built(docker, tmp_path))
        return built[-1]

    yield spoil
    for image in built:
        docker.image.remove(image, force=True)


@pytest.mark.parametrize("fault", ENVIRONMENTS, ids=lambda fault: fault.id)
def test_a_planted_fault_fails_its_check(
    docker: DockerClient, spoil: Callable[..., str], fault: EnvironmentFault
) -> None:
    failed = _failed(docker, spoil(*fault.lines), **fault.changes)
    (check,) = fault.refused_by
    assert check in failed, failed
    assert fault.said in failed[check]


def test_an_older_minor_of_cuda_is_the_cells(docker: DockerClient, spoil: Callable[..., str]) -> None:
    failed = _failed(docker, spoil(with_cuda("12.4")), source="upstream", cuda="12.6.3")
    assert "conda.cuda" not in failed


def test_the_toolkits_libraries_are_those_that_other_programs_find(
    docker: DockerClient, spoil: Callable[..., str]
) -> None:
    """conda's python itself finds those of the environment first, whatever the toolkit has."""
    promised = {"source": "upstream", "cuda": "12.6.3", "libraries": ["cudart"]}
    failed = _failed(docker, spoil(ELSEWHERE, OWN, KNOWN), **promised)
    assert "flavor.libraries" not in failed
