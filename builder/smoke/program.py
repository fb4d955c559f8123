"""What runs inside images as one program text each, so that an image needs nothing but its own python."""

import functools
from pathlib import Path

from builder.model.digest import Digest

_ROOM = "builder.smoke"
_LOADER = '''"""{entry}, in one file."""
import importlib.abc
import importlib.machinery
import sys

SOURCES = {sources}


class Bundle(importlib.abc.MetaPathFinder, importlib.abc.InspectLoader):
    def find_spec(self, name, path=None, target=None):
        if name in SOURCES:
            return importlib.machinery.ModuleSpec(name, self, is_package=self.is_package(name))
        return None

    def is_package(self, name):
        return any(other.startswith(name + ".") for other in SOURCES)

    def get_source(self, name):
        return SOURCES[name]


sys.meta_path.insert(0, Bundle())
from {entry} import main

main()
'''


@functools.cache
def program() -> bytes:
    """The probe's text: the same for the same sources, and below Linux' 128 KiB for one argument."""
    return _bundle("probes")


def probe_digest() -> Digest:
    """What receipts call this probe."""
    return Digest.of(program())


@functools.cache
def examination() -> bytes:
    """The text of what `doctor` runs in an image; it may change without a receipt losing its worth."""
    return _bundle("examination", "probes")


def _bundle(entry: str, *others: str) -> bytes:
    """The packages of this room in one file, which runs the first one's `main`."""
    folder = Path(__file__).parent
    sources = {"builder": "", _ROOM: ""}
    for package in (entry, *others):
        for path in sorted((folder / package).rglob("*.py")):
            parts = path.relative_to(folder).with_suffix("").parts
            name = ".".join((_ROOM, *parts)).removesuffix(".__init__")
            sources[name] = path.read_text(encoding="utf-8")
    lines = "".join(f"    {name!r}: {source!r},\n" for name, source in sorted(sources.items()))
    return _LOADER.format(entry=f"{_ROOM}.{entry}.main", sources=f"{{\n{lines}}}").encode()
