"""Writes a site as a folder: whole or not at all, and never over something that is not a site of ours."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from builder.model.errors import BuilderError, ExitCode


def write(pages: Mapping[str, str], mark: str, folder: Path) -> None:
    """Have exactly these pages in a folder; `mark` is the file by which a former site is known.

    Raises:
        BuilderError: (2) when the folder holds something else, which then stays as it is.
    """
    if folder.exists() and not (folder / mark).is_file() and (not folder.is_dir() or any(folder.iterdir())):
        raise BuilderError(
            ExitCode.MATRIX,
            "it exists and holds something else than a report's site",
            where=str(folder),
            fix="Name another folder, or empty this one.",
        )
    new, old = (folder.with_name(f"{folder.name}.{kind}-{os.getpid()}") for kind in ("new", "old"))
    for name, text in pages.items():
        file = new / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    if folder.exists():
        folder.rename(old)
    new.rename(folder)
    shutil.rmtree(old, ignore_errors=True)
