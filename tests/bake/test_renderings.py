"""Every rendering is one that people have read, and linters find nothing in it."""

import json
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from builder.bake import context
from builder.matrix.text.load import Loaded, load
from tests.bake.goldens import FOLDER, goldens, rendered, shape

ROOT = Path(__file__).parents[2]
FAMILIES = (ROOT / "matrix.yaml", *sorted(ROOT.glob("examples/*/*.yaml")))
APPS = sorted(ROOT.glob("examples/apps/*/Dockerfile"))
# Parents are contexts that the build pins; stages that are thrown away may be root's, with any packages.
APPS_MAY = ("--ignore=DL3006", "--ignore=DL3002", "--ignore=DL3008")
LINTERS_FAULT = "FROM debian:12-slim\nRUN cd /tmp && apt-get install -y gcc\n"


def family(file: Path) -> dict[str, str]:
    """The Dockerfiles of a matrix by the names of their builds."""
    read = load(file.read_bytes(), file.name)
    assert isinstance(read, Loaded), read
    return {build.name: build.recipe.dockerfile for build in rendered(read)}


def name_of(file: Path) -> str:
    return f"{file.parent.name}-{file.stem}"


def hadolint(files: Iterable[Path], *options: str) -> subprocess.CompletedProcess[str]:
    tool = Path(sys.executable).with_name("hadolint")
    return subprocess.run([tool, "--no-color", *options, *files], capture_output=True, text=True, check=False)


def buildx_check(dockerfiles: dict[str, str], folder: Path) -> subprocess.CompletedProcess[str]:
    """What BuildKit's own linter says, with an empty image in the place of every base."""
    file = {
        "group": {"default": {"targets": list(dockerfiles)}},
        "target": {
            name: {
                "context": str(context.path()),
                "contexts": dict.fromkeys(
                    ("base", "devel", "tools", "wheelhouse", "channels", "pythons"), str(folder)
                ),
                "dockerfile-inline": text.replace("${", "$${").replace("%{", "%%{"),
            }
            for name, text in dockerfiles.items()
        },
    }
    command = ["docker", "buildx", "bake", "--check", f"--allow=fs.read={folder}", "-f", "-"]
    return subprocess.run(command, input=json.dumps(file), capture_output=True, text=True, check=False)


def test_the_goldens_are_todays() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "scripts/goldens"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, (
        f"run scripts/goldens --write, and review the difference\n{done.stdout}{done.stderr}"
    )


@pytest.mark.parametrize("file", FAMILIES, ids=name_of)
def test_no_rendering_is_without_a_golden(file: Path) -> None:
    known = {shape(text) for text in goldens().values()}
    assert {name for name, text in family(file).items() if shape(text) not in known} == set()


def test_a_golden_differs_from_the_next_by_more_than_names() -> None:
    assert len({shape(file.read_text()) for file in FOLDER.iterdir()}) == len(list(FOLDER.iterdir()))


@pytest.mark.parametrize("file", FAMILIES, ids=name_of)
def test_hadolint_finds_nothing(file: Path, tmp_path: Path) -> None:
    for name, text in family(file).items():
        (tmp_path / f"{name}.Dockerfile").write_text(text)
    done = hadolint([*tmp_path.iterdir(), *FOLDER.iterdir()])
    assert (done.returncode, done.stdout) == (0, "")


def test_hadolint_finds_nothing_in_the_examples_programs() -> None:
    done = hadolint(APPS, *APPS_MAY)
    assert (len(APPS), done.returncode, done.stdout) == (4, 0, "")


def test_hadolint_can_find_something(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text(LINTERS_FAULT)
    assert "DL3003" in hadolint(tmp_path.iterdir()).stdout


@pytest.mark.engine
def test_buildx_finds_nothing_in_any_shape(tmp_path: Path) -> None:
    shapes = {shape(text): (name, text) for file in FAMILIES for name, text in family(file).items()}
    dockerfiles = {**dict(shapes.values()), **{file.stem: file.read_text() for file in FOLDER.iterdir()}}
    done = buildx_check(dockerfiles, tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("no warnings found") == len(dockerfiles)


@pytest.mark.engine
def test_buildx_finds_nothing_in_the_examples_programs(tmp_path: Path) -> None:
    done = buildx_check({file.parent.name: file.read_text() for file in APPS}, tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("no warnings found") == len(APPS)


@pytest.mark.engine
def test_buildx_can_find_something(tmp_path: Path) -> None:
    done = buildx_check({"fault": "FROM base\nENV PASSWORD=secret\nWORKDIR here\n"}, tmp_path)
    assert done.returncode != 0
    assert "SecretsUsedInArgOrEnv" in done.stdout
