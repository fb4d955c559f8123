"""The catalogue of a release repository: every tag that was released, and what it takes to use it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from builder.model.digest import Digest
from builder.model.platform import Platform
from builder.model.receipt import Receipt
from builder.model.reference import Repository
from builder.model.size import show_size
from builder.report import markdown as md
from builder.report.table import table

# Docker Hub cuts the full description of a repository off after so many characters (its manual).
HUB_LIMIT = 25_000
_HEADER = ("tags", "platforms", "driver", "GPUs", "tested on", "end of life", "index")


@dataclass(frozen=True, slots=True)
class Image:
    """A platform of a release: what a pull downloads, in bytes, and the best receipt that it has."""

    digest: Digest
    size: int
    proof: Receipt | None

    @property
    def tested(self) -> str:
        """`NVIDIA H200, driver 580.95.05`, or the level where no GPU was there; empty without a receipt."""
        if self.proof is None:
            return ""
        gpu, driver = self.proof.host.get("gpu", ""), self.proof.host.get("driver", "")
        return f"{gpu}{driver and f', driver {driver}'}" if gpu else str(self.proof.level)


@dataclass(frozen=True, slots=True)
class Listing:
    """A release index with the tags that point to it.

    `driver` is the oldest that runs it, `gpus` are its compute capabilities; both are empty for images
    without CUDA. `eol` is a day as `2027-06-30`, empty where nobody knows it.
    """

    target: str
    epoch: date
    index: Digest
    tags: tuple[str, ...]
    rolling: tuple[str, ...]
    driver: str
    gpus: str
    eol: str
    images: Mapping[Platform, Image] = field(hash=False)


@dataclass(frozen=True, slots=True)
class Catalog:
    """All listings, those with rolling tags first, then the newest; `gaps` are releases that were lost."""

    repository: Repository
    listings: tuple[Listing, ...]
    gaps: tuple[str, ...] = ()


def text(catalog: Catalog) -> str:
    """A table for terminals."""
    if not catalog.listings:
        return f"{catalog.repository} holds no release"
    rows = [_row(listing, " ") for listing in catalog.listings]
    return "\n".join([str(catalog.repository), table(_HEADER, rows), *catalog.gaps])


def markdown(catalog: Catalog, limit: int | None = None) -> str:
    """A page; with a `limit` in characters the last listings are left out, and the page says how many."""
    first, *rest = (f"### {md.code(str(catalog.repository))}", "", *md.table(_HEADER, []).splitlines())
    rows = [md.table(_HEADER, [_coded(listing)]).splitlines()[-1] for listing in catalog.listings]
    for kept in range(len(rows), -1, -1):
        left_out = [f"{len(rows) - kept} older releases are not listed here."] if kept < len(rows) else []
        notes = [line for note in (*left_out, *catalog.gaps) for line in ("", note)]
        page = "\n".join([first, *rest, *rows[:kept], *notes])
        if limit is None or len(page) <= limit:
            break
    return page


def data(catalog: Catalog) -> dict[str, Any]:
    """For programs. Sizes are bytes, days and times ISO."""
    return {
        "repository": str(catalog.repository),
        "releases": [_listing(listing) for listing in catalog.listings],
        "gaps": list(catalog.gaps),
    }


def _row(listing: Listing, between: str) -> tuple[str, ...]:
    return (
        between.join((*listing.rolling, *listing.tags)),
        ", ".join(f"{platform.slug} {show_size(image.size)}" for platform, image in listing.images.items()),
        listing.driver and f">= {listing.driver}",
        listing.gpus,
        "; ".join(_tested(listing)),
        listing.eol,
        listing.index.short,
    )


def _coded(listing: Listing) -> tuple[str, ...]:
    tags = " ".join(map(md.code, (*listing.rolling, *listing.tags)))
    return (tags, *_row(listing, " ")[1:-1], md.code(listing.index.short))


def _tested(listing: Listing) -> Iterator[str]:
    """Each place once, with its platforms where they differ."""
    places: dict[str, list[str]] = {}
    for platform, image in listing.images.items():
        places.setdefault(image.tested or "nothing", []).append(platform.slug)
    for place, platforms in places.items():
        yield place if len(places) == 1 else f"{' '.join(platforms)}: {place}"


def _listing(listing: Listing) -> dict[str, Any]:
    return {
        "target": listing.target,
        "epoch": listing.epoch.isoformat(),
        "digest": str(listing.index),
        "tags": list(listing.tags),
        "rolling": list(listing.rolling),
        "driver": listing.driver,
        "gpus": listing.gpus,
        "eol": listing.eol,
        "images": [
            {
                "platform": str(platform),
                "digest": str(image.digest),
                "size": image.size,
                "unpacked": image.proof.unpacked if image.proof else 0,
                "level": str(image.proof.level) if image.proof else "",
                "tested": f"{image.proof.when:%Y-%m-%dT%H:%M:%SZ}" if image.proof else "",
                "host": dict(image.proof.host) if image.proof else {},
            }
            for platform, image in listing.images.items()
        ],
    }
