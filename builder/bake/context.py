"""The files that every build can see, and their digests."""

from functools import cache
from pathlib import Path

from builder.bake.dockerfile import folder
from builder.model.digest import Digest
from builder.model.errors import BuilderError, ExitCode

NAME = "context"
COMPILED = "__pycache__"


def path() -> Path:
    """The folder that is sent to BuildKit."""
    return folder() / NAME


@cache
def digests() -> dict[str, Digest]:
    """The digest of each file by its path in the folder. Times and modes of files do not count.

    Nor does what Python compiled, as pip has it do: `.dockerignore` keeps that out of builds, too.

    Raises:
        BuilderError: when a file is a link out of the folder or vanishes while it is read.
    """
    return {
        str(file.relative_to(path())): _digest(file)
        for file in sorted(path().rglob("*"))
        if not file.is_dir() and file.parent.name != COMPILED
    }


def _digest(file: Path) -> Digest:
    if not file.resolve().is_relative_to(path().resolve()):
        raise BuilderError(
            ExitCode.TEMPLATE,
            "the build context holds a link that leads out of it",
            fix="Put the file itself there; BuildKit does not follow such links.",
            where=str(file),
        )
    try:
        return Digest.of(file.read_bytes())
    except OSError as error:
        raise BuilderError(
            ExitCode.TEMPLATE,
            f"a file of the build context cannot be read: {error.strerror}",
            fix="Keep dockerfiles/ unchanged while a build runs, and run it again.",
            where=str(file),
        ) from error
