"""The pages of docs/ that are made from the code: each a path, and the text that it must have."""

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from scripts.docs_pages import commands, decisions, exits, matrix

ROOT = Path(__file__).resolve().parent.parent.parent
DOCS = ROOT / "docs"

PAGES: Mapping[str, Callable[[], str]] = MappingProxyType(
    {
        "reference/matrix.md": matrix.page,
        "reference/commands.md": commands.page,
        "reference/exit-codes.md": exits.page,
        "adr/index.md": lambda: decisions.page(DOCS / "adr"),
    }
)


def stale(docs: Path = DOCS) -> Mapping[str, tuple[str, str]]:
    """The pages below a folder that are not current: what each holds, and what it should."""
    pairs = {name: (_read(docs / name), make()) for name, make in PAGES.items()}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def write(docs: Path = DOCS) -> None:
    """Make all pages current."""
    for name, (_, text) in stale(docs).items():
        (docs / name).parent.mkdir(parents=True, exist_ok=True)
        (docs / name).write_text(text, "utf-8")


def _read(file: Path) -> str:
    return file.read_text("utf-8") if file.exists() else ""
