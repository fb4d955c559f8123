"""The images that a Dockerfile takes from outside, read from its text as the Dockerfile reference has it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from string import Template

_ESCAPE = re.compile(r"#\s*escape\s*=\s*(\S)", re.IGNORECASE)
_FROM = re.compile(r"(?:--platform=(\S+)\s+)?(\S+)(?:\s+AS\s+(\S+))?\s*", re.IGNORECASE)
_BUILD_MACHINE = "BUILDPLATFORM"
_HEREDOC = re.compile(r"(?:^|\s)\d*<<-?([\"']?)([A-Za-z_]\w*)\1(?=\s|$)")
_MOUNT = re.compile(r"--mount=\S*\bfrom=([^,\s]+)")
_COPY = re.compile(r"--from=(\S+)")


@dataclass(frozen=True, slots=True)
class Use:
    """An image by the name that a Dockerfile gives it, and the line that does."""

    name: str
    line: int


@dataclass(frozen=True, slots=True)
class Outline:
    """The image that the last stage stands on, through however many stages, and all images in their order.

    `native` are the names of those that a stage takes for the build machine's own platform.
    """

    final: Use
    images: tuple[Use, ...]
    native: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Instruction:
    """An instruction on one line, by its word in capitals, and the line where it begins."""

    word: str
    rest: str
    line: int


def outline(text: str, arguments: Mapping[str, str]) -> Outline:
    """What a Dockerfile is built from. `arguments` are the build's, which win over its own defaults.

    Raises:
        ValueError: when it has no stage, or names an image that only the build could tell.
    """
    known: dict[str, str] = {}
    stages: dict[str, Use] = {}
    images: dict[str, Use] = {}
    native: set[str] = set()
    final: Use | None = None
    count = 0
    for one in instructions(text):
        if one.word == "ARG" and final is None:
            known |= _argument(one, arguments)
        elif one.word == "FROM":
            use, alias, platform = _from(one, known)
            final = stages.get(use.name.lower(), use)
            if final is use:
                images.setdefault(use.name, use)
                native |= {use.name} if platform == _BUILD_MACHINE else set()
            stages |= {str(count): final, **({alias.lower(): final} if alias else {})}
            count += 1
        else:
            outside = (use for use in _references(one) if use.name.lower() not in stages)
            images |= {use.name: use for use in outside if use.name not in images}
    if final is None:
        raise ValueError("it has no FROM")
    return Outline(final, tuple(images.values()), frozenset(native))


def _argument(one: Instruction, arguments: Mapping[str, str]) -> dict[str, str]:
    name, equals, default = one.rest.partition("=")
    own = {name: default.strip("\"'")} if equals else {}
    return own | {name: arguments[name]} if name in arguments else own


def _from(one: Instruction, known: Mapping[str, str]) -> tuple[Use, str, str]:
    try:
        found = _FROM.fullmatch(Template(one.rest.strip()).substitute(_Known(known)))
    except (KeyError, ValueError) as error:
        raise ValueError(f"line {one.line}: nobody can tell which image `FROM {one.rest}` is") from error
    if found is None:
        raise ValueError(f"line {one.line}: `FROM {one.rest}` names no image")
    return Use(found[2], one.line), found[3] or "", found[1] or ""


class _Known(dict[str, str]):
    """The arguments that are known before the first stage; `--platform` may name BuildKit's own."""

    def __missing__(self, name: str) -> str:
        if name in (_BUILD_MACHINE, "TARGETPLATFORM"):
            return name
        raise KeyError(name)


def _references(one: Instruction) -> Iterator[Use]:
    found = {"COPY": _COPY, "RUN": _MOUNT}.get(one.word)
    return (Use(name, one.line) for name in (found.findall(one.rest) if found else ()))


def instructions(text: str) -> Iterator[Instruction]:
    """Instructions, their continuation lines joined; without comments, empty lines and here-documents."""
    escape = _ESCAPE.match(text)
    mark = escape[1] if escape else "\\"
    lines = enumerate(text.splitlines(), 1)
    for number, line in lines:
        if _is_silent(line):
            continue
        whole = line.strip()
        while whole.endswith(mark):
            whole = whole.removesuffix(mark)
            whole += next((more.strip() for _, more in lines if not _is_silent(more)), "")
        word, _, rest = whole.partition(" ")
        for _, end in _HEREDOC.findall(rest) if word.upper() in ("RUN", "COPY", "ADD") else ():
            next((None for _, inner in lines if inner.strip() == end), None)
        yield Instruction(word.upper(), rest.strip(), number)


def _is_silent(line: str) -> bool:
    return not line.strip() or line.lstrip().startswith("#")
