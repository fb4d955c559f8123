"""Whether shell code is good shell, and its commands exist, with the flags that they are given."""

import os
import shlex
import subprocess
from collections.abc import Iterator, Sequence

import typer

from builder.cli.app import COMMANDS, load_command
from scripts.docs_pages import ROOT
from tests.automation.tools import venv
from tests.docs.pages import Block

_SHELLS = ("bash", "sh", "console")
_OURS = ["python", "-m", "builder"]
# Parsed words end here: what follows is another command, or a file.
_ENDS = frozenset("();<>|&") | {"&&", "||", ">>", "|&", ";;"}
_UsageError: type[typer.BadParameter] = typer.BadParameter.__mro__[1]


def complaints(block: Block) -> Iterator[str]:
    """What is wrong with a block of shell code, or with a command in a line of text."""
    if not block.language:
        if block.text.startswith(" ".join(_OURS)):
            yield from _commands(block.where, block.text)
        return
    if block.language not in _SHELLS:
        return
    script = _typed(block.text) if block.language == "console" else block.text
    yield from _linted(block.where, script)
    yield from _commands(block.where, script)


def _typed(session: str) -> str:
    """What somebody types in a session that shows prompts and output."""
    lines, goes_on = [], False
    for line in session.splitlines():
        if goes_on or line.startswith("$ "):
            lines.append(line.removeprefix("$ "))
            goes_on = line.endswith("\\")
    return "\n".join(lines) + "\n"


def _linted(where: str, script: str) -> Iterator[str]:
    # SC1091: what a script sources need not be there where its documentation is checked.
    made = subprocess.run(
        [venv("shellcheck"), "--norc", "--exclude=SC1091", "--shell=bash", "--format=gcc", "-"],
        input=script,
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode:
        yield f"{where}: {made.stdout or made.stderr}"


def _commands(where: str, script: str) -> Iterator[str]:
    for words in _split(script):
        if words[:3] == _OURS:
            yield from (f"{where}: {wrong}" for wrong in _ours(words[3:]))
        elif words[0].startswith(("scripts/", "./scripts/")) and not os.access(ROOT / words[0], os.X_OK):
            yield f"{where}: there is no {words[0]}"


def _split(script: str) -> Iterator[list[str]]:
    """The simple commands of a script, without what they are redirected to."""
    for line in script.replace("\\\n", " ").splitlines():
        words: list[str] = []
        split = shlex.shlex(line, posix=True, punctuation_chars=True)
        split.whitespace_split = True
        for word in split:
            if word in _ENDS:
                if words:
                    yield words
                words = []
            elif words or "=" not in word:
                words.append(word)
        if words:
            yield words


def _ours(words: Sequence[str]) -> Iterator[str]:
    if not words or words[0] in ("COMMAND", "--help"):
        return
    if words[0] not in COMMANDS:
        yield f"there is no command {words[0]}"
        return
    if "--help" in words:
        return
    try:
        load_command(words[0]).make_context(words[0], list(words[1:]))
    except _UsageError as error:
        yield f"{words[0]}: {error.format_message()}"
