"""The files that builds can see, and their digests."""

from functools import cache
from pathlib import Path

from builder.bake.dockerfile import folder
from builder.bake.seen import EVERYTHING
from builder.model.digest import Digest
from builder.model.errors import BuilderError, ExitCode

NAME = "context"
COMPILED = "__pycache__"
IGNORE = ".dockerignore"


def path() -> Path:
    """The folder that is sent to BuildKit."""
    return folder() / NAME


@cache
def digests(sources: frozenset[str]) -> dict[str, Digest]:
    """The digest of each file in these paths, by its own in the folder. Times and modes do not count.

    Nor does what Python compiled, as pip has it do: `.dockerignore` keeps that out of builds, too, and counts
    for all of them.

    Raises:
        BuilderError: when a path leads to no file, or a file is a link out of the folder or vanishes.
    """
    whole = every()
    if lost := sorted(source for source in sources if not any(_is_in(file, source) for file in whole)):
        raise BuilderError(
            ExitCode.TEMPLATE,
            f"the Dockerfile wants `{lost[0]}` of the build context, which does not have it",
            fix="Correct the template, or put the file there.",
            where=str(path()),
        )
    wanted = {*sources, IGNORE}
    return {file: digest for file, digest in whole.items() if any(_is_in(file, source) for source in wanted)}


def _is_in(file: str, source: str) -> bool:
    return source in (EVERYTHING, file) or file.startswith(f"{source}/")


@cache
def every() -> dict[str, Digest]:
    """The digest of each file there is."""
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
