"""Prints what a matrix's release repository holds: tag, platforms and digest, one line each.

Usage: released.py MATRIX
"""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from builder.model.reference import Repository
from builder.pipeline.project import read
from builder.registry.client import Registry
from builder.report.table import table


def rows(registry: Registry, repository: Repository) -> Iterator[tuple[str, str, str]]:
    """One row for each release; tags like ``sha256-…`` list referrers, and records hold no image."""
    for tag in registry.tags(repository):
        if tag.startswith("sha256-"):
            continue
        index = registry.find_manifest(repository.tag(tag))
        if index and (platforms := sorted(map(str, index.platforms()))):
            yield f"{repository}:{tag}", " ".join(platforms), str(index.digest)


def main() -> None:
    """Read the matrix and print its table."""
    repository = Repository.parse(read(Path(sys.argv[1]), datetime.now(UTC).date()).matrix.release)
    with Registry() as registry:
        found = list(rows(registry, repository))
    print(table(("image", "platforms", "digest"), found) if found else f"nothing in {repository} yet")


if __name__ == "__main__":
    main()
