"""The project's Markdown, and what can be checked in it: code blocks, inline code, headings, links."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

from scripts.docs_pages import DOCS, ROOT

_PARSER = MarkdownIt("commonmark").enable("table")


@dataclass(frozen=True)
class Block:
    """A piece of code, and where it stands; `language` is empty for code in a line of text."""

    where: str
    language: str
    text: str


def everything() -> list[Path]:
    """Every page that people read."""
    return [*sorted(ROOT.glob("*.md")), *sorted(DOCS.rglob("*.md"))]


def blocks(page: Path) -> list[Block]:
    """The code of a page."""
    found = []
    for token in _tokens(page):
        where = f"{page}:{token.map[0] + 1}" if token.map else str(page)
        if token.type == "fence":
            found.append(Block(where, token.info.split()[0] if token.info else "", token.content))
        inline = (child for child in token.children or () if child.type == "code_inline")
        found += [Block(where, "", child.content) for child in inline]
    return found


def links(page: Path) -> list[str]:
    """What a page links to or shows."""
    names = {"link_open": "href", "image": "src"}
    inline = (child for token in _tokens(page) for child in token.children or ())
    return [str(child.attrs[names[child.type]]) for child in inline if child.type in names]


def anchors(page: Path) -> set[str]:
    """The ids of a page's headings, as GitHub and the site make them."""
    tokens = _tokens(page)
    titles = [title for opens, title in pairwise(tokens) if opens.type == "heading_open"]
    return {_slug("".join(_text(title))) for title in titles}


def _tokens(page: Path) -> list[Token]:
    return _parsed(page.read_text("utf-8"))


@cache
def _parsed(text: str) -> list[Token]:
    return _PARSER.parse(text)


def _text(title: Token) -> Iterator[str]:
    for child in title.children or ():
        yield child.content


def _slug(title: str) -> str:
    return re.sub(r"\s+", "-", re.sub(r"[^\w\s-]", "", title.strip().lower()))
