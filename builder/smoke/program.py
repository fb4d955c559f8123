"""The probe as one program text, so that an image needs nothing but its own python."""

import functools
from pathlib import Path

from builder.model.digest import Digest

_PACKAGE = "builder.smoke.probes"
_LOADER = '''"""{package}, in one file."""
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
from {package}.main import main

main()
'''


@functools.cache
def program() -> bytes:
    """The program's text: the same for the same sources, and below Linux' 128 KiB for one argument."""
    folder = Path(__file__).parent / "probes"
    sources = {"builder": "", "builder.smoke": ""}
    for path in sorted(folder.rglob("*.py")):
        parts = path.relative_to(folder).with_suffix("").parts
        name = ".".join((_PACKAGE, *parts)).removesuffix(".__init__")
        sources[name] = path.read_text(encoding="utf-8")
    lines = "".join(f"    {name!r}: {source!r},\n" for name, source in sorted(sources.items()))
    return _LOADER.format(package=_PACKAGE, sources=f"{{\n{lines}}}").encode()


def probe_digest() -> Digest:
    """What receipts call this probe."""
    return Digest.of(program())
