"""The list of decisions, from the headings of their pages."""

from pathlib import Path

_INTRODUCTION = """\
# Decisions

What somebody may want to undo one day, and what it would cost: half a page each, in the order in which they
were made.
"""


def page(folder: Path) -> str:
    """The page for the decisions in a folder."""
    files = sorted(file for file in folder.glob("*.md") if file.name[:1].isdigit())
    lines = [f"* [{_title(file)}]({file.name})" for file in files]
    return "\n".join([_INTRODUCTION, *lines, ""])


def _title(file: Path) -> str:
    first, _, _ = file.read_text("utf-8").partition("\n")
    number, _, title = first.removeprefix("# ").partition(". ")
    return f"{int(number)}. {title}"
