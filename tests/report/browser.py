"""A headless Chromium that opens the site's pages from disk, and notes whatever goes wrong or goes out."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

# Without these a Chromium as root does not start, and every one asks its maker's hosts for this and that.
_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_NAMES = ("chromium", "chromium-browser", "google-chrome")
AXE = "axe-core@4.10.3"


@dataclass
class Visit:
    """A page that is open, what it complained of, and what it asked for besides files of the site."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser, which ends with the block."""
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    assert found, "there is no Chromium on PATH; `scripts/browser` installs one"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=list(_FLAGS))
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def visit(browser: Browser, file: Path, **settings: Any) -> Iterator[Visit]:
    """Open a page in a context of its own."""
    context = browser.new_context(**{"viewport": {"width": 1440, "height": 1000}, **settings})
    page = context.new_page()
    made = Visit(page)
    page.on("console", lambda message: made.complaints.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: made.complaints.append(str(error)))
    page.on("request", lambda request: made.asked.append(request.url))
    page.goto(file.as_uri())
    try:
        yield made
    finally:
        context.close()


def install_axe(folder: Path) -> Path:
    """Install axe-core below a folder, and return its script."""
    npm = shutil.which("npm")
    assert npm, "npm is not on PATH; `scripts/browser` installs it"
    flags = ("--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts", "--no-save")
    subprocess.run([npm, "install", "--prefix", folder, *flags, AXE], check=True, capture_output=True)
    return folder / "node_modules" / "axe-core" / "axe.min.js"


def violations(page: Page, axe: Path) -> list[str]:
    """What axe-core objects to on a page, each with the first element that it means; out of sight too."""
    page.add_style_tag(content="* { content-visibility: visible !important }")
    page.add_script_tag(path=axe)
    found = page.evaluate("axe.run().then((result) => result.violations)")
    return [f"{v['impact']}: {v['id']}: {v['nodes'][0]['html'][:120]}" for v in found]
