"""Finds this project's own commands in texts, and has the real command line parse them."""

import re
import shlex
from collections.abc import Iterator

from builder.cli.app import COMMANDS, load_command

_CALL = re.compile(r"python3? -m builder\b")
_ENDS = frozenset({"|", ">", ">>", ";", "&&", "||", "|&", "2>"})


def commands(text: str) -> Iterator[list[str]]:
    """The words after `python -m builder`, wherever a shell script or a document has it.

    `$NAME` in quotes stands for a word; without them for any number of words, and is left out.
    """
    for line in text.replace("\\\n", " ").splitlines():
        for found in _CALL.finditer(line):
            yield list(_words(line[found.end() :].partition("#")[0].partition("`")[0]))


def parse(words: list[str]) -> None:
    """Parse a command's words as the command line would.

    Raises:
        ValueError: when a command or a flag does not exist, or a value does not fit.
    """
    if not words or words[0].startswith("-"):
        return
    if words[0] not in COMMANDS:
        raise ValueError(f"there is no command {words[0]!r}")
    if "--help" in words:
        return
    try:
        load_command(words[0]).make_context(words[0], words[1:])
    except Exception as error:
        # Typer carries a copy of Click, whose errors have no public name.
        if told := getattr(error, "format_message", None):
            raise ValueError(told()) from error
        raise


def _words(text: str) -> Iterator[str]:
    quoted = re.sub(r'"\$\{?\w+\}?"', "1/1", text)
    lexer = shlex.shlex(re.sub(r"\$\{?\w+\}?", "", quoted), posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    for word in lexer:
        if word in _ENDS:
            return
        yield word
