"""The documentation as a site: built strictly, complete, and asking nothing of other hosts."""

from pathlib import Path
from shutil import copy, copytree
from subprocess import CompletedProcess
from typing import Any

import pytest
import yaml

from scripts.docs_pages import DOCS, ROOT
from tests.automation.tools import run, venv
from tests.report.browser import chromium, visit
from tests.report.html import Links

CONFIG = ROOT / "mkdocs.yml"


def build(folder: Path) -> CompletedProcess[str]:
    """Build the site of a folder with a copy of the pages."""
    return run(venv("zensical"), "build", "--strict", folder=folder)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = copied(tmp_path_factory.mktemp("docs"))
    made = build(folder)
    assert made.returncode == 0, made.stdout
    return folder / "site"


def copied(folder: Path) -> Path:
    copytree(DOCS, folder / "docs")
    copy(CONFIG, folder)
    return folder


def test_every_page_is_built_and_found_in_the_navigation(site: Path) -> None:
    pages = {page.relative_to(DOCS) for page in DOCS.rglob("*.md")}
    assert {page.relative_to(site) for page in site.rglob("*.html")} >= {
        p.with_suffix(".html") for p in pages
    }
    assert missing(yaml.safe_load(CONFIG.read_text())["nav"], pages) == set()


def test_a_page_that_no_menu_leads_to_is_found() -> None:
    nav = [{"Start": "index.md"}, {"More": [{"One": "more/one.md"}]}]
    assert missing(nav, {Path("index.md"), Path("more/one.md"), Path("more/two.md")}) == {"more/two.md"}


def missing(nav: list[Any], pages: set[Path]) -> set[str]:
    """The pages that no menu leads to. Decisions have a list of their own."""
    named = set(_leaves(nav))
    return {
        str(p) for p in pages if str(p) not in named and not (p.parts[0] == "adr" and p.stem[0].isdigit())
    }


def _leaves(node: Any) -> list[str]:
    match node:
        case str():
            return [node]
        case list():
            return [leaf for item in node for leaf in _leaves(item)]
        case dict():
            return [leaf for item in node.values() for leaf in _leaves(item)]
    raise ValueError(node)


@pytest.mark.parametrize("link", ["[gone](gone.md)", "[gone](concepts.md#gone)", "[gone][nowhere]"])
def test_a_link_that_leads_nowhere_fails_the_build(link: str, tmp_path: Path) -> None:
    folder = copied(tmp_path)
    page = folder / "docs" / "index.md"
    page.write_text(f"{page.read_text()}\n\n{link}\n")
    assert build(folder).returncode != 0


def test_no_page_loads_anything_from_elsewhere(site: Path) -> None:
    for page in site.rglob("*.html"):
        loaded = Links(page.read_text()).loaded
        assert [link for link in loaded if "//" in link and not link.startswith("data:")] == [], page


def test_it_opens_from_disk_without_a_request_to_any_host(site: Path) -> None:
    with chromium() as browser, visit(browser, site / "index.html") as opened:
        opened.page.wait_for_load_state("networkidle")
        assert [url for url in opened.asked if not url.startswith(("file:", "data:", "blob:"))] == []
        assert opened.page.locator("h1").first.inner_text()
