"""The bake file of a family, for those who build without us."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from builder.bake import context
from builder.bake.cache import Cache
from builder.bake.definition import Build, Site, definition


def bake_file(builds: Iterable[Build], site: Site, *, cache: bool = False) -> dict[str, Any]:
    """The bake file of these builds; paths below the current folder are relative to it."""
    builds = tuple(builds)
    caches = {build.name: Cache(build.staging, build.key) for build in builds} if cache else {}
    return definition(builds, _relative(context.path()), site, caches=caches)


def _relative(path: Path) -> Path:
    try:
        return path.relative_to(Path.cwd())
    except ValueError:
        return path
