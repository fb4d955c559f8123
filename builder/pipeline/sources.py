"""Reads the build contexts of a matrix's apps: the Dockerfile, and the digest of every file that counts."""

import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path

from builder.bake.ignore import Ignored
from builder.matrix.apps import Read, Unreadable
from builder.matrix.schema import App, Matrix
from builder.model.app import Sources
from builder.model.digest import Digest

_IGNORE = ".dockerignore"


def read_sources(matrix: Matrix, folder: Path) -> Mapping[str, Read]:
    """The sources of each app, by name; `folder` is the matrix's."""
    return {name: _read(entry, folder) for name, entry in matrix.apps.items()}


def _read(entry: App, folder: Path) -> Read:
    root = folder / entry.context
    dockerfile = root / entry.dockerfile
    try:
        text = dockerfile.read_text()
        digests = {path: _digest(root / path) for path in _files(root, entry.dockerfile)}
    except UnicodeDecodeError:
        return Unreadable("it is not UTF-8", str(dockerfile))
    except OSError as error:
        return Unreadable(error.strerror or str(error), error.filename or str(dockerfile))
    return Sources(str(root), entry.dockerfile, text, digests)


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
    """The rules of the file that is the Dockerfile's own, or else the context's."""
    for path in (root / f"{dockerfile}{_IGNORE}", root / _IGNORE):
        if path.is_file():
            return Ignored.parse(path.read_text())
    return Ignored()


def _digest(file: Path) -> Digest:
    """What of a file ends up in an image: its content, where it points to, and whether it can be run."""
    if file.is_symlink():
        return Digest.of(b"link " + os.fsencode(file.readlink()))
    content = file.read_bytes()
    return Digest.of(b"program " + content if file.stat().st_mode & stat.S_IXUSR else content)
