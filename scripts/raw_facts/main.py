"""The command line of update_facts."""

import argparse
import difflib
import re
import sys
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from raw_facts import cuda, drivers, gpus, hosts, keys, layout, systems, tags, torch
from raw_facts.read import RawError, read

TABLES = Path(__file__).parents[2] / "builder" / "facts" / "tables"
OVERLAY = Path(__file__).with_name("overlay.yaml")

Reshape = Callable[[Mapping[str, Any], Mapping[str, Any]], Mapping[str, Any]]

# The table, the raw file it is made of, and how; without a file the overlay is all there is.
SHAPES: tuple[tuple[str, str, Reshape], ...] = (
    ("cuda", "cuda_releases.yaml", cuda.reshape),
    ("drivers", "gpus.yaml", drivers.reshape),
    ("emulators", "", lambda _, overlay: {"emulators": overlay["emulators"]}),
    ("gpus", "gpus.yaml", gpus.reshape),
    ("hosts", "cloud_hosts.yaml", hosts.reshape),
    ("keys", "nvidia_repo_keys.yaml", keys.reshape),
    ("systems", "os_bases.yaml", systems.reshape),
    ("tags", "nvidia_cuda_tags.yaml", tags.reshape),
    ("torch", "torch_wheels.yaml", torch.reshape),
)


def main(argv: list[str]) -> int:
    """Compare, and write if asked.

    Returns:
        0 when the tables are (now) as the raw ones say, 1 when they differ, 2 when those cannot be used.
    """
    parser = argparse.ArgumentParser(prog="update_facts", description=__doc__)
    parser.add_argument(
        "raw", type=Path, help="folder of raw tables, with a README.md that says when they were gathered"
    )
    parser.add_argument(
        "--tables", type=Path, default=TABLES, help="folder of the tables (default: %(default)s)"
    )
    parser.add_argument(
        "--write", action="store_true", help="write the tables instead of only showing the difference"
    )
    options = parser.parse_args(argv)
    try:
        texts = shape(options.raw)
    except (OSError, RawError, KeyError) as error:
        print(f"update_facts: {type(error).__name__}: {error}", file=sys.stderr)
        return 2
    changed = {name: text for name, text in texts.items() if _show(options.tables / f"{name}.json", text)}
    if options.write:
        for name, text in changed.items():
            (options.tables / f"{name}.json").write_text(text, encoding="utf-8")
    return 1 if changed and not options.write else 0


def shape(raw: Path) -> dict[str, str]:
    """The text of every table, made of a folder of raw ones.

    Raises:
        RawError: when a raw table holds what cannot be carried over.
        OSError: when a file is missing.
    """
    overlays = yaml.safe_load(OVERLAY.read_text(encoding="utf-8"))
    gathered = _gathered(raw / "README.md")
    texts = {}
    for name, file, reshape in SHAPES:
        overlay = overlays[name]
        body = reshape(read(raw / file) if file else {}, overlay)
        head = {"about": overlay["about"], "date": gathered, "sources": overlay["sources"]}
        texts[name] = layout.dump({**head, **body})
    return texts


def _gathered(readme: Path) -> date:
    found = re.search(r"gathered on (\d{4}-\d{2}-\d{2})", readme.read_text(encoding="utf-8"))
    if found is None:
        raise RawError(f"{readme} does not say 'gathered on YYYY-MM-DD'")
    return date.fromisoformat(found[1])


def _show(path: Path, new: str) -> bool:
    old = path.read_text(encoding="utf-8") if path.exists() else ""
    name = f"{path.parent.name}/{path.name}"
    diff = difflib.unified_diff(old.splitlines(True), new.splitlines(True), f"a/{name}", f"b/{name}", n=1)
    sys.stdout.writelines(diff)
    return old != new
