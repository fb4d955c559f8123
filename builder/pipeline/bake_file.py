"""The bake file of a family, for those who build without us."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from builder.bake import context
from builder.bake.definition import Build, Site, definition


def bake_file(builds: Iterable[Build], site: Site) -> dict[str, Any]:
    """The bake file of these builds; paths below the current folder are relative to it."""
    return definition(builds, _relative(context.path()), site)


def _relative(path: Path) -> Path:
    try:
        return path.relative_to(Path.cwd())
    except ValueError:
        return path
