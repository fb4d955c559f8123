"""Which files of an app count, and what of them does: that decides when it is built again."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest

from builder.matrix.expansion.apps import Unreadable
from builder.matrix.text.load import Loaded
from builder.model.app import Sources
from builder.model.digest import Digest
from builder.model.finding import Severity
from builder.pipeline.inputs.builds import builds, with_parents
from builder.pipeline.inputs.project import read
from builder.pipeline.inputs.sources import read_sources
from tests.matrix.samples import expanded, lock_for, matrix

ROOT = Path(__file__).parents[2]
APP = {"context": "hello", "test": ["/hello"], "tags": {"release": "{app}-{cuda}-{epoch:%Y%m%d}"}}
AXES = {"cuda": "13.2.1", "os": "ubuntu24.04", "flavor": ["base", "devel"]}
LOADED = matrix(axes=AXES, apps={"hello": APP})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "hello"
    made.mkdir()
    (made / "Dockerfile").write_text("FROM devel AS build\nFROM base\nCOPY . /\n")
    (made / "main.cu").write_text("int main() {}")
    return made


def keys(folder: Path, loaded: Loaded = LOADED, **changes: object) -> dict[str, Digest]:
    """The keys of the app's builds and of those that it is built over."""
    expansion = expanded(loaded, read_sources(loaded.matrix, folder.parent))
    lock = lock_for(loaded, expansion, **changes)  # type: ignore[arg-type]
    return {build.name: build.key for build in with_parents(builds(loaded.matrix, lock, expansion.apps))}


def test_an_app_has_a_build_for_each_platform_after_its_parents(folder: Path) -> None:
    names = [name.removesuffix("-ubuntu24_04-py3_12-amd64") for name in keys(folder) if "amd64" in name]
    assert names == ["13_2_1-base", "13_2_1-devel", "hello-13_2_1"]
    assert len(keys(folder)) == 6


def _write(folder: Path) -> None:
    (folder / "main.cu").write_text("int main() { return 0; }")


def _add(folder: Path) -> None:
    (folder / "more.cu").touch()


def _permit(folder: Path) -> None:
    (folder / "main.cu").chmod(0o755)


def _link(folder: Path) -> None:
    (folder / "link").symlink_to("main.cu")


def _instruct(folder: Path) -> None:
    (folder / "Dockerfile").write_text("FROM devel AS build\nFROM base\nCOPY main.cu /\n")


@pytest.mark.parametrize("change", [_write, _add, _permit, _link, _instruct])
def test_what_ends_up_in_the_image_changes_the_apps_key_alone(
    folder: Path, change: Callable[[Path], None]
) -> None:
    before = keys(folder)
    change(folder)
    after = keys(folder)
    assert {name for name in before if before[name] != after[name]} == {
        name for name in before if name.startswith("hello")
    }


@pytest.mark.parametrize("change", [{"test": ["/hello", "twice"]}, {"args": {"WORD": "hi"}}])
def test_no_receipt_of_another_test_or_argument_counts(folder: Path, change: dict[str, object]) -> None:
    before, after = keys(folder), keys(folder, matrix(axes=AXES, apps={"hello": {**APP, **change}}))
    assert {name for name in before if before[name] != after[name]} == {
        name for name in before if name.startswith("hello")
    }


def test_what_is_ignored_changes_nothing(folder: Path) -> None:
    (folder / ".dockerignore").write_text("*.o\n")
    before = keys(folder)
    (folder / "main.o").touch()
    assert keys(folder) == before
    (folder / "Dockerfile.dockerignore").write_text("!*.o\n*ignore\n")
    assert keys(folder) != before


def test_another_parent_is_another_app(folder: Path) -> None:
    before = keys(folder)
    after = keys(folder, epoch=date(2027, 1, 1))
    assert not {name for name in before if before[name] == after[name]}


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_a_dockerfile_that_cannot_be_read_says_where(folder: Path, content: bytes | None) -> None:
    (folder / "Dockerfile").unlink()
    if content:
        (folder / "Dockerfile").write_bytes(content)
    read = read_sources(LOADED.matrix, folder.parent)["hello"]
    assert not isinstance(read, Sources)
    assert read.where == str(folder / "Dockerfile")
    assert read.why in ("No such file or directory", "it is not UTF-8")


def test_a_file_that_vanishes_while_the_context_is_read_is_named(folder: Path) -> None:
    first, second = folder / "a", folder / "b"
    first.touch()
    second.touch()
    with on_open(first, second.unlink):
        found = read_sources(LOADED.matrix, folder.parent)["hello"]
    assert found == Unreadable("No such file or directory", str(second))
    assert isinstance(read_sources(LOADED.matrix, folder.parent)["hello"], Sources)


@contextmanager
def on_open(file: Path, act: Callable[[], None]) -> Iterator[None]:
    """Do something once, at the moment when a file is opened."""
    waiting = [act]

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if event == "open" and waiting and str(arguments[0]) == str(file):
            waiting.pop()()

    # Hooks stay for as long as the process does: this one has nothing to do then.
    sys.addaudithook(hook)
    try:
        yield
    finally:
        waiting.clear()


@pytest.mark.parametrize(
    ("name", "apps"),
    [
        ("matrix.yaml", {"saxpy", "saxpy-library", "service", "training"}),
        ("cuda.yaml", {"service", "training"}),
    ],
)
def test_the_examples_are_planned_for_both_platforms_without_an_error(name: str, apps: set[str]) -> None:
    project = read(ROOT / "examples" / "apps" / name, date(2026, 11, 21))
    assert [finding for finding in project.findings if finding.severity is Severity.ERROR] == []
    platforms = {target.app: len(target.cells) for target in project.expansion.apps}
    assert platforms == dict.fromkeys(apps, 2)
