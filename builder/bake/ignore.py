"""Which files a build is not sent: the patterns of `.dockerignore`, as Docker's documentation has them.

Patterns are those of Go's filepath.Match, with `**` for any number of folders and `!` for exceptions. They
are anchored at the context's root. A pattern that fits a folder fits all in it, and the last one that fits
decides.
"""

import re
from dataclasses import dataclass
from posixpath import normpath

_PIECES = re.compile(r"\*\*/?|\*|\?|\[\^?[^\]]+\]|\\.|[^*?\[\\]+|.", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Ignored:
    """Whether a path is left out; `/` separates folders."""

    rules: tuple[tuple[re.Pattern[str], bool], ...] = ()

    @classmethod
    def parse(cls, text: str) -> "Ignored":
        """Read the lines of a `.dockerignore`."""
        lines = (line.strip() for line in text.removeprefix("\ufeff").splitlines())
        return cls(tuple(_rule(line) for line in lines if line and not line.startswith("#")))

    def __call__(self, path: str) -> bool:
        """Whether the last pattern that fits the path, or a folder that it is in, leaves it out."""
        out = False
        for pattern, leaves_out in self.rules:
            if pattern.fullmatch(path):
                out = leaves_out
        return out


def _rule(line: str) -> tuple[re.Pattern[str], bool]:
    excepts = line.startswith("!")
    cleaned = normpath("/" + line.removeprefix("!").strip())
    body = "".join(_piece(piece) for piece in _PIECES.findall(cleaned.lstrip("/")))
    return re.compile(f"{body}(?:/.*)?", re.DOTALL), not excepts


def _piece(piece: str) -> str:
    match piece:
        case "**/":
            return "(?:.*/)?"
        case "**":
            return ".*"
        case "*":
            return "[^/]*"
        case "?":
            return "[^/]"
    if piece.startswith("[") and len(piece) > 1:
        return piece.replace("\\", "\\\\")
    return re.escape(piece.removeprefix("\\") if len(piece) > 1 else piece)
