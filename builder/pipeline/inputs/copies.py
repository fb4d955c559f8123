"""Copies of apps' build contexts, which builds get in place of folders that their users go on editing.

A copy is what git would keep of a context: contents, links, and whether a file can be run. Other modes, empty
folders and times differ between two checkouts of the same commit, and are neither in a copy nor in a key. It
is taken before the first build, and holds just what the key was made of: what is edited later is for the next
run.
"""

import os
import shutil
import stat
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from builder.bake.definition import Build
from builder.model.app import Sources
from builder.model.errors import BuilderError, ExitCode
from builder.pipeline.inputs.sources import ignore_file, read_context

# As git checks files out under the usual umask, whatever the umask here is.
_FILE, _PROGRAM, _FOLDER = 0o644, 0o755, 0o755
_AGAIN = "Run it again: its key is made of the files as they are now."


class ChangedError(BuilderError):
    """An app's files are not those that its key was made of."""


@dataclass(frozen=True, slots=True)
class Copies:
    """Where the copies are, by the apps' Dockerfiles; or why there is none."""

    places: Mapping[str, Path | BuilderError]

    def of(self, build: Build) -> Build:
        """The build with its app's copy as its context; others stay as they are.

        Raises:
            ChangedError: (11) when the files changed since they were read.
            BuilderError: (11) when they cannot be copied.
        """
        cell = build.recipe.cell
        if cell.app is None:
            return build
        place = self.places[cell.app.sources.file]
        if isinstance(place, BuilderError):
            raise place
        app = replace(cell.app, sources=replace(cell.app.sources, folder=str(place)))
        return replace(build, recipe=replace(build.recipe, cell=replace(cell, app=app)))


@contextmanager
def copies(builds: Iterable[Build]) -> Iterator[Copies]:
    """Copies of the contexts of these builds' apps, for as long as this lasts."""
    wanted = {app.sources.file: app.sources for build in builds if (app := build.recipe.cell.app)}
    with tempfile.TemporaryDirectory(prefix="apps-") as scratch:
        places = {
            file: _copied(sources, Path(scratch, str(number)))
            for number, (file, sources) in enumerate(wanted.items())
        }
        yield Copies(places)


def _copied(sources: Sources, place: Path) -> Path | BuilderError:
    try:
        _copy(sources, place)
        found = read_context(place, sources.dockerfile)
    except FileNotFoundError as error:
        return _changed(str(error.filename), "is gone")
    except OSError as error:
        what = f"it cannot be copied for its build: {error.strerror or error}"
        fix = "Let it be read, or name a temporary folder with more space in TMPDIR."
        return BuilderError(ExitCode.BUILD_FAILED, what, where=error.filename or sources.folder, fix=fix)
    others = found.digests.items() ^ sources.digests.items()
    return _changed(f"{sources.folder}/{min(others)[0]}", "is another one") if others else place


def _changed(file: str, how: str) -> ChangedError:
    what = f"it {how} since the run was planned"
    return ChangedError(ExitCode.BUILD_FAILED, what, where=file, fix=_AGAIN)


def _copy(sources: Sources, place: Path) -> None:
    """Copy what counts, with the Dockerfile as it was read and the file that says what is ignored."""
    root = Path(sources.folder)
    rules = ignore_file(root, sources.dockerfile)
    own = [rules.relative_to(root).as_posix()] if rules else []
    for path in dict.fromkeys((*sources.digests, *own)):
        copy = place / path
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(root / path, copy, follow_symlinks=False)
        if not copy.is_symlink():
            copy.chmod(_PROGRAM if (root / path).stat().st_mode & stat.S_IXUSR else _FILE)
    dockerfile = place / sources.dockerfile
    dockerfile.parent.mkdir(parents=True, exist_ok=True)
    dockerfile.write_text(sources.text)
    dockerfile.chmod(_FILE)
    for folder, _, _ in os.walk(place):
        Path(folder).chmod(_FOLDER)
