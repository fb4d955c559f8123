"""Apps are built from copies: just what their keys are made of, whatever becomes of their folders."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from builder.bake.definition import Build
from builder.model.errors import BuilderError, ExitCode
from builder.model.outcome import Built, Cause, Failed
from builder.pipeline.bake import Options, bake
from builder.pipeline.inputs.builds import builds
from builder.pipeline.inputs.copies import ChangedError, copies
from builder.pipeline.inputs.sources import read_sources
from builder.pipeline.staging.build import Baked
from builder.registry import Registry
from tests.matrix.samples import expanded, lock_for
from tests.pipeline.conftest import CPU, Family
from tests.pipeline.heard import Heard
from tests.pipeline.runs import run
from tests.pipeline.test_apps import with_app
from tests.pipeline.test_sources import LOADED

UNTESTED = Options(smoke=False)
DOCKERFILE = "FROM base\nCOPY files /files\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "hello"
    (made / "deep").mkdir(parents=True)
    (made / "Dockerfile").write_text("FROM base\nCOPY . /\n")
    (made / ".dockerignore").write_text("*.o\n.dockerignore\n")
    (made / "main.o").touch()
    (made / "deep" / "main.cu").write_text("int main() {}")
    (made / "run.sh").touch(mode=0o755)
    (made / "link").symlink_to("deep")
    return made


def app(folder: Path) -> Build:
    """The app over the files as they are now."""
    expansion = expanded(LOADED, read_sources(LOADED.matrix, folder.parent))
    return builds(LOADED.matrix, lock_for(LOADED, expansion), expansion.apps)[0]


@contextmanager
def copy_of(build: Build) -> Iterator[Path]:
    with copies([build]) as copied:
        found = copied.of(build).recipe.cell.app
        assert found
        yield Path(found.sources.folder)


def seen(folder: Path) -> dict[str, str]:
    """All that is in a folder: modes, and what links and files hold."""
    return {
        str(path.relative_to(folder)): path.readlink().name
        if path.is_symlink()
        else f"{path.stat().st_mode & 0o7777:o} {path.read_text() if path.is_file() else ''}"
        for path in (folder, *folder.rglob("*"))
    }


def private(folder: Path) -> None:
    """The folder as a checkout under the umask 077 would have it, and left-overs of work in it."""
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode & 0o700)
    (folder / "build").mkdir()


def test_a_copy_has_what_counts_and_nothing_else(folder: Path) -> None:
    with copy_of(app(folder)) as copy:
        assert seen(copy) == {
            ".": "755 ",
            ".dockerignore": "644 *.o\n.dockerignore\n",
            "Dockerfile": "644 FROM base\nCOPY . /\n",
            "deep": "755 ",
            "deep/main.cu": "644 int main() {}",
            "run.sh": "755 ",
            "link": "deep",
        }


def test_neither_umask_nor_empty_folders_make_another_key_or_copy(folder: Path) -> None:
    before = app(folder)
    with copy_of(before) as copy:
        first = seen(copy)
    private(folder)
    after = app(folder)
    assert after.key == before.key
    mask = os.umask(0o077)
    try:
        with copy_of(after) as copy:
            assert seen(copy) == first
    finally:
        os.umask(mask)


def test_a_build_and_its_copy_have_one_key(folder: Path) -> None:
    build = app(folder)
    with copies([build]) as copied:
        assert copied.of(build).key == build.key


def _write(folder: Path) -> None:
    (folder / "deep" / "main.cu").write_text("int main() { return 0; }")


def _permit(folder: Path) -> None:
    (folder / "deep" / "main.cu").chmod(0o755)


def _remove(folder: Path) -> None:
    (folder / "deep" / "main.cu").unlink()


def _ignore(folder: Path) -> None:
    (folder / ".dockerignore").write_text("*.o\n*.sh\n.dockerignore\n")


@pytest.mark.parametrize(
    ("change", "named"),
    [(_write, "deep/main.cu"), (_permit, "deep/main.cu"), (_remove, "deep/main.cu"), (_ignore, "run.sh")],
)
def test_what_changed_since_it_was_read_is_named(
    folder: Path, change: Callable[[Path], None], named: str
) -> None:
    build = app(folder)
    change(folder)
    with copies([build]) as copied, pytest.raises(ChangedError) as refused:
        copied.of(build)
    assert refused.value.code is ExitCode.BUILD_FAILED
    assert refused.value.where == str(folder / named)


def test_what_cannot_be_copied_is_no_change(folder: Path) -> None:
    build = app(folder)
    (folder / "run.sh").unlink()
    (folder / "run.sh").mkdir()
    with copies([build]) as copied, pytest.raises(BuilderError, match="cannot be copied") as refused:
        copied.of(build)
    assert not isinstance(refused.value, ChangedError)


@dataclass
class Editor(Heard):
    """Edits a file as soon as anything was built."""

    file: Path = field(default_factory=Path)

    def baked(self, baked: Baked) -> None:
        super().baked(baked)
        self.file.write_text("edited")


@pytest.mark.engine
def test_what_is_edited_while_a_run_goes_on_is_for_the_next(family: Callable[..., Family]) -> None:
    made = with_app(family(CPU), DOCKERFILE)
    folder = made.file.parent / "hello" / "files"
    folder.mkdir()
    (folder / "word").write_text("planned")
    first = run(made, heard=Editor(file=folder / "word"), options=UNTESTED).results[1].build
    assert isinstance(first, Built)
    (folder / "word").write_text("planned")
    private(folder)
    with Registry() as registry:
        registry.delete(made.server.repository("acme/staging").at(first.digest))
    again = run(made, options=UNTESTED).results[1].build
    assert isinstance(again, Built)
    assert again.digest == first.digest

    (folder / "word").write_text("next")
    work = made.work()
    (folder / "word").write_text("another")
    over, app = (one.build for one in bake(work, UNTESTED, Heard(), reproduce=str).results)
    assert not isinstance(over, Failed)
    assert isinstance(app, Failed)
    assert app.cause is Cause.CHANGED
    assert app.log[0].startswith(f"{folder / 'word'}: ")
