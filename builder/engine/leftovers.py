"""What runners that were killed leave in an engine, and its removal by the next."""

import contextlib
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from python_on_whales import DockerClient

# On every container and volume of ours: the time, in seconds since 1970, after which nobody waits for it.
EXPIRES = "io.github.cuda-image-builder.probe.expires"
# Beyond what something is expected to take, so that nobody's work is taken away.
_GRACE = 40


def expiry(seconds: int) -> dict[str, str]:
    """The label of what is needed for so many seconds from now."""
    return {EXPIRES: str(int(time.time()) + seconds + _GRACE)}


def remove_expired(docker: "DockerClient", now: float) -> tuple[str, ...]:
    """Remove what killed runners left behind; gives the names. `now` is in seconds since 1970."""
    from python_on_whales.exceptions import DockerException

    removed = []
    for container in docker.container.list(all=True, filters=[("label", EXPIRES)]):
        with contextlib.suppress(DockerException):  # another runner's, gone since it was listed
            if _expired(container.config.labels, now):
                removed.append(container.name)
                container.remove(force=True)
    for volume in docker.volume.list(filters=[("label", EXPIRES)]):
        with contextlib.suppress(DockerException):
            if _expired(volume.labels, now):
                removed.append(volume.name)
                volume.remove()
    return tuple(removed)


def _expired(labels: Mapping[str, str] | None, now: float) -> bool:
    return float((labels or {}).get(EXPIRES, "0")) < now
