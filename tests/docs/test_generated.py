"""Pages that are made from the code are what the code makes, on GitHub as on the site."""

from pathlib import Path
from shutil import copytree

import pytest

from builder.cli.app import COMMANDS
from builder.model.errors import ExitCode
from scripts.docs_pages import DOCS, PAGES, exits, stale, write
from scripts.docs_pages.commands import help_of, page


def test_every_made_page_is_current() -> None:
    assert list(stale()) == [], "run `scripts/docs --write`"


def test_a_changed_page_is_found_and_made_current(tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    copytree(DOCS, docs)
    name = "reference/commands.md"
    (docs / name).write_text((docs / name).read_text().replace("--offline", "--on-line"))
    (docs / "reference/matrix.md").unlink()
    assert sorted(stale(docs)) == [name, "reference/matrix.md"]
    write(docs)
    assert list(stale(docs)) == []
    assert set(PAGES) == {
        str(p.relative_to(docs)) for p in docs.rglob("*.md") if str(p.relative_to(docs)) in PAGES
    }


def test_the_commands_are_told_in_the_words_of_their_help() -> None:
    assert {"check", "plan", "bake", "smoke", "release"} <= set(COMMANDS)
    told = page()
    assert [name for name in COMMANDS if help_of(name) not in told] == []


def test_an_exit_code_without_words_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    words = dict(exits._WORDS)
    del words[ExitCode.REFUSED]
    monkeypatch.setattr(exits, "_WORDS", words)
    with pytest.raises(KeyError):
        exits.page()
