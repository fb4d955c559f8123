"""Reads the files beside a matrix: the build contexts of its apps, and the environment file for conda."""

import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path

from builder.bake.ignore import Ignored
from builder.matrix.conda.file import NO_FILE, EnvironmentFile, parse
from builder.matrix.expansion.apps import Read, Unreadable
from builder.matrix.schema import App, Matrix
from builder.matrix.text.document import Problem
from builder.matrix.text.load import Loaded
from builder.model.app import Sources
from builder.model.digest import Digest

_IGNORE = ".dockerignore"


def read_sources(matrix: Matrix, folder: Path) -> Mapping[str, Read]:
    """The sources of each app, by name; `folder` is the matrix's."""
    return {name: _read(entry, folder) for name, entry in matrix.apps.items()}


def read_environment(loaded: Loaded, folder: Path) -> EnvironmentFile:
    """The environment file that the matrix names; `folder` is the matrix's."""
    name = loaded.matrix.conda.environment
    if name is None:
        return NO_FILE
    try:
        return parse((folder / name).read_bytes(), str(Path(loaded.document.file).parent / name))
    except OSError as error:
        where = loaded.document.locate(("conda", "environment"))
        problem = Problem(f"{name} cannot be read: {error.strerror}", "Write it, or correct its name.", where)
        return EnvironmentFile(problems=(problem,))


def read_context(root: Path, dockerfile: str) -> Sources:
    """The build context in a folder.

    Raises:
        OSError: when a file cannot be read.
        UnicodeDecodeError: when the Dockerfile is not UTF-8.
    """
    text = (root / dockerfile).read_text()
    return Sources(
        str(root), dockerfile, text, {path: _digest(root / path) for path in _files(root, dockerfile)}
    )


def ignore_file(root: Path, dockerfile: str) -> Path | None:
    """The file that says what builds are not sent: the Dockerfile's own, or else the context's."""
    own, shared = root / f"{dockerfile}{_IGNORE}", root / _IGNORE
    return own if own.is_file() else shared if shared.is_file() else None


def _read(entry: App, folder: Path) -> Read:
    root = folder / entry.context
    try:
        return read_context(root, entry.dockerfile)
    except UnicodeDecodeError:
        return Unreadable("it is not UTF-8", str(root / entry.dockerfile))
    except OSError as error:
        return Unreadable(error.strerror or str(error), error.filename or str(root / entry.dockerfile))


def _files(root: Path, dockerfile: str) -> Iterator[str]:
    """What a build is sent, but the Dockerfile: that counts as itself."""
    ignored = _ignored(root, dockerfile)
    for base, folders, names in os.walk(root):
        folders.sort()
        links = [name for name in folders if Path(base, name).is_symlink()]
        for name in sorted([*names, *links]):
            path = Path(base, name).relative_to(root).as_posix()
            if path != dockerfile and not ignored(path):
                yield path


def _ignored(root: Path, dockerfile: str) -> Ignored:
    rules = ignore_file(root, dockerfile)
    return Ignored.parse(rules.read_text()) if rules else Ignored()


def _digest(file: Path) -> Digest:
    """What of a file git keeps, and its copy for the build: content, where it points to, if it can be run."""
    if file.is_symlink():
        return Digest.of(b"link " + os.fsencode(file.readlink()))
    content = file.read_bytes()
    return Digest.of(b"program " + content if file.stat().st_mode & stat.S_IXUSR else content)
