"""What a Dockerfile is built from, whatever way it is written."""

import re

import pytest

from builder.matrix.expansion.stages import outline

HEREDOC = """\
FROM devel AS build
RUN <<EOF
FROM nothing
EOF
FROM runtime
COPY <<-"END" /etc/motd
\tFROM nothing
\tEND
"""
SPREAD = "FROM base\nRUN --mount=type=secret,id=ca \\\n  # why\n\n  --mount=from=devel ls"


@pytest.mark.parametrize(
    ("text", "final", "images"),
    [
        ("FROM base", "base", ["base"]),
        ("from devel as build\nfrom runtime\ncopy --from=build /a /b", "runtime", ["devel", "runtime"]),
        ("FROM devel AS Build\nFROM build AS more\nFROM more", "devel", ["devel"]),
        ("FROM base\nCOPY --from=0 /a /b\nCOPY --link --from=devel /a /b", "base", ["base", "devel"]),
        ("FROM base\nRUN --mount=type=bind,from=devel,target=/d ls /d", "base", ["base", "devel"]),
        (SPREAD, "base", ["base", "devel"]),
        ("ARG F=devel\nFROM ${F} AS a\nFROM base\nARG F=runtime", "base", ["devel", "base"]),
        ("FROM --platform=$BUILDPLATFORM scratch AS a\nFROM base", "base", ["scratch", "base"]),
        ("# escape=`\nFROM base\nRUN a `\n  b\nCOPY --from=devel a c:\\", "base", ["base", "devel"]),
        ("# FROM devel\nFROM base\nRUN echo 'COPY --from=devel'", "base", ["base"]),
        (HEREDOC, "runtime", ["devel", "runtime"]),
        ("FROM base\nRUN cat <<< FROM\nRUN x=$((1<<2))\nCOPY --from=devel a b", "base", ["base", "devel"]),
    ],
)
def test_finds_the_images(text: str, final: str, images: list[str]) -> None:
    found = outline(text, {})
    assert found.final.name == final
    assert [use.name for use in found.images] == images


def test_tells_what_is_taken_for_the_build_machine() -> None:
    text = "FROM --platform=${BUILDPLATFORM} base AS a\nFROM --platform=$TARGETPLATFORM devel AS b\nFROM base"
    assert outline(text, {}).native == {"base"}
    assert outline("FROM base AS a\nFROM --platform=$BUILDPLATFORM a", {}).native == frozenset()


def test_arguments_of_the_build_win() -> None:
    assert outline("ARG F=devel\nFROM $F", {"F": "base"}).final.name == "base"


def test_lines_are_those_of_the_text() -> None:
    found = outline("# a\nFROM devel \\\n  AS build\n\nFROM base\nCOPY --from=runtime a b", {})
    assert [(use.name, use.line) for use in found.images] == [("devel", 2), ("base", 5), ("runtime", 6)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "it has no FROM"),
        ("RUN true", "it has no FROM"),
        ("ARG F\nFROM $F", "line 2: nobody can tell"),
        ("FROM ${F:-base}", "line 1: nobody can tell"),
        ("FROM", "line 1: `FROM ` names no image"),
        ("FROM a b c", "line 1: `FROM a b c` names no image"),
    ],
)
def test_says_what_it_cannot_tell(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        outline(text, {})
