"""The page of exit codes. A code without words here fails the page, so that none is forgotten."""

from collections.abc import Mapping
from types import MappingProxyType

from builder.model.errors import ExitCode
from builder.report import markdown as md

_INTRODUCTION = """\
# Exit codes

A script can act on these. A command that fails also prints what happened, where, and what to do next.
"""

# What happened, and what a caller can do.
_WORDS: Mapping[ExitCode, tuple[str, str]] = MappingProxyType(
    {
        ExitCode.DONE: ("done", ""),
        ExitCode.FINDINGS: (
            "there are findings or failures, and the command did all it could",
            "read the report; a later run does what is left",
        ),
        ExitCode.MATRIX: ("the matrix is wrong, or a flag is", "correct the line that is named"),
        ExitCode.NOTHING_SELECTED: ("nothing is selected", "an empty job is an error: correct the selector"),
        ExitCode.INCOMPATIBLE: (
            "cells cannot be built or cannot run as they are asked for",
            "`check` names each, with its rule; [the rules](../rules.md) say what to do",
        ),
        ExitCode.TEMPLATE: ("a Dockerfile template is wrong", "correct the template"),
        ExitCode.TOOL_MISSING: ("a tool is missing", "install it; the message says which and how"),
        ExitCode.BUILD_FAILED: (
            "a build failed",
            "the others went on; run the command that is printed for it to see its whole log",
        ),
        ExitCode.REGISTRY: ("the registry failed otherwise", "read its answer in the message"),
        ExitCode.UNAUTHORIZED: ("the registry refuses the login", "`docker login`, or more rights"),
        ExitCode.NOT_FOUND: ("the registry has no such thing", "correct the name; trying again is no use"),
        ExitCode.UNAVAILABLE: (
            "the registry cannot be reached or is overloaded, after several tries",
            "run it again later",
        ),
        ExitCode.DIGEST_MISMATCH: (
            "content does not have the digest it was asked for by",
            "do not use it; find out which proxy or mirror changed it",
        ),
        ExitCode.TAG_EXISTS: (
            "a release tag exists with another digest",
            "release tags never move: make a new epoch with `lock --update`",
        ),
        ExitCode.SMOKE_FAILED: ("a smoke test failed", "the report names the check and what it saw"),
        ExitCode.REFUSED: ("the gate refuses the release", "the reasons say what is missing for each image"),
        ExitCode.BUG: ("a bug of ours", "report it with the crash log that is named"),
        ExitCode.INTERRUPTED: ("interrupted", "run it again: it goes on where it was"),
    }
)


def page() -> str:
    """The page."""
    rows = [(str(int(code)), *_WORDS[code]) for code in ExitCode]
    return f"{_INTRODUCTION}\n{md.table(('code', 'what happened', 'what to do'), rows)}\n"
