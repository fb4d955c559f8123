"""Compiled templates, kept where Python keeps the compiled modules of the same folder."""

import contextlib
import sys
from importlib.util import cache_from_source
from pathlib import Path

from jinja2 import FileSystemBytecodeCache
from jinja2.bccache import Bucket


class Bytecode(FileSystemBytecodeCache):
    """Jinja's own cache on the file system, without which rendering takes longer and nothing else."""

    def load_bytecode(self, bucket: Bucket) -> None:
        """Take a template, if it is there."""
        with contextlib.suppress(OSError):
            super().load_bytecode(bucket)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep a template, if that works."""
        with contextlib.suppress(OSError):
            Path(self.directory).mkdir(parents=True, exist_ok=True)
            super().dump_bytecode(bucket)


def beside(folder: Path) -> Bytecode | None:
    """The cache for the templates of a folder, unless Python was told to keep nothing compiled."""
    if sys.dont_write_bytecode:
        return None
    return Bytecode(str(Path(cache_from_source(str(folder / "template"))).parent))
