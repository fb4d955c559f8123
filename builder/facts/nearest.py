"""The tags that exist and come closest to one that does not."""

from collections.abc import Iterable, Iterator

from builder.facts import tags
from builder.facts.table import close
from builder.facts.version import neighbours


def nearest(tag: str, listed: Iterable[str], most: int = 3) -> tuple[str, ...]:
    """The likeliest first: the flavor and system with the next CUDA versions, then what is spelled alike."""
    known = tuple(listed)
    found = dict.fromkeys((*_next_versions(tag, known), *close(tag, known, most)))
    return tuple(found)[:most]


def _next_versions(tag: str, listed: Iterable[str]) -> Iterator[str]:
    words = tags.split(tag)
    if words is None:
        return
    cuda, flavor, os = words
    others = [other for other in map(tags.split, listed) if other]
    alike = {
        version: f"{version}-{spelled}-{system}"
        for version, spelled, system in others
        if system == os and spelled == tags.spell(version, flavor)
    }
    yield from (alike[version] for version in neighbours(cuda, alike))
