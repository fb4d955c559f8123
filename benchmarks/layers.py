"""The files in an image's layers, read from a registry."""

import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import IO

from builder.model.descriptor import Descriptor
from builder.model.reference import Repository
from builder.registry import Registry


@contextmanager
def opened(registry: Registry, place: Repository, layer: Descriptor) -> Iterator[tarfile.TarFile]:
    """A layer as an archive that can be read once, from its beginning."""
    tool = "zstd" if layer.media_type.endswith("zstd") else "gzip"
    with subprocess.Popen([tool, "-dc"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as unpacking:
        assert unpacking.stdin
        assert unpacking.stdout
        feeding = Thread(target=_feed, args=(registry, place, layer, unpacking.stdin))
        feeding.start()
        with tarfile.open(fileobj=unpacking.stdout, mode="r|") as archive:
            yield archive
        feeding.join()


def _feed(registry: Registry, place: Repository, layer: Descriptor, pipe: IO[bytes]) -> None:
    with pipe:
        for piece in registry.stream_blob(place, layer):
            pipe.write(piece)
