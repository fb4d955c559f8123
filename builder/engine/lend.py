"""A Python for the tests of images that have none, lent by another image of the same system.

An engine fills an empty volume from the place where it is mounted when a container is made, so that nothing
has to run or be copied here, for whatever platform, and the engine may be another machine.
"""

import contextlib
import threading
import uuid
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from builder.engine.containers import pulled
from builder.engine.leftovers import expiry
from builder.model.platform import Platform
from builder.model.probe import Lender, Lent

if TYPE_CHECKING:
    from python_on_whales import DockerClient

Lend = Callable[[Lender, Platform], Lent]
# No run takes longer.
_SECONDS = 24 * 3600


@contextlib.contextmanager
def lending(docker: "DockerClient") -> Iterator[Lend]:
    """A way to get at a lender's Python while the block runs, from several threads: each is copied once."""
    from python_on_whales.exceptions import DockerException

    lock = threading.Lock()
    known: dict[Lender, Lent] = {}

    def lend(lender: Lender, platform: Platform) -> Lent:
        with lock:
            if lender not in known:
                known[lender] = Lent(lender, _filled(docker, lender, platform))
            return known[lender]

    try:
        yield lend
    finally:
        for lent in known.values():
            with contextlib.suppress(DockerException):
                docker.volume.remove(lent.volume)


def _filled(docker: "DockerClient", lender: Lender, platform: Platform) -> str:
    """The name of a new volume that has the lender's /usr."""
    labels = expiry(_SECONDS)
    volume = docker.volume.create(f"cuda-image-builder-lent-{uuid.uuid4().hex}", labels=labels)
    try:
        with pulled(docker, lender.image, platform):
            docker.container.create(
                str(lender.image),
                volumes=[(volume, "/usr")],
                platform=str(platform),
                pull="missing",  # another runner may have removed it since it was pulled
                networks=["none"],
                labels=labels,
            ).remove()
    except BaseException:
        volume.remove()
        raise
    return volume.name
