"""Whether a page's links lead somewhere; those to other hosts are only looked at, never followed."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from tests.docs.pages import anchors, links


def complaints(page: Path) -> Iterator[str]:
    """What is wrong with a page's links."""
    for link in links(page):
        parts = urlsplit(link)
        if parts.scheme or parts.netloc:
            if parts.scheme != "https" or "." not in (parts.hostname or "") or " " in link:
                yield f"{page}: {link} is no address of the web"
            continue
        target = (page.parent / parts.path).resolve() if parts.path else page
        if not target.exists():
            yield f"{page}: {link} leads nowhere"
        elif parts.fragment and parts.fragment not in anchors(target):
            yield f"{page}: {link} names no heading of {target.name}"
