"""Which paths of the build context a Dockerfile can see: only these can change what it builds.

BuildKit shows a step no file of the context but through COPY, ADD and bind mounts. Where the text does not
say plainly which, it is everything.
"""

from collections.abc import Iterator
from posixpath import normpath

from builder.matrix.expansion.stages import instructions

EVERYTHING = "."
# Patterns, variables, quotes, and the form that is JSON.
_UNPLAIN = frozenset("*?[]$\"'\\")


def seen(text: str) -> frozenset[str]:
    """The files and folders, from the context's root."""
    found: set[str] = set()
    for one in instructions(text):
        match one.word:
            case "COPY" | "ADD":
                found.update(map(_plain, _copied(one.rest.split())))
            case "RUN":
                found.update(map(_plain, _mounted(one.rest.split())))
    return frozenset(found)


def _copied(words: list[str]) -> Iterator[str]:
    paths = [word for word in words if not word.startswith("--")]
    if not any(word.startswith("--from=") for word in words):
        yield from (path for path in paths[:-1] if not path.startswith("<<"))


def _mounted(words: list[str]) -> Iterator[str]:
    for word in words:
        flag, _, told = word.partition("=")
        options = dict(option.partition("=")[::2] for option in told.split(","))
        if flag == "--mount" and options.get("type", "bind") == "bind" and "from" not in options:
            yield options.get("source") or options.get("src") or EVERYTHING


def _plain(path: str) -> str:
    return EVERYTHING if _UNPLAIN & set(path) else normpath(f"/{path}").lstrip("/") or EVERYTHING
