"""The engine's clock, which dates what steps write where the engine is what builds."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from builder.model.errors import BuilderError, ExitCode


def require_past(info: Mapping[str, Any], epoch: int) -> None:
    """Make sure that an epoch, in seconds since 1970, is over by the engine's clock.

    BuildKit rewrites only the times of files that are newer than the epoch. Before it, files would keep the
    times of their writing, and equal inputs would have different digests. `info` is what `docker info` knows.

    Raises:
        BuilderError: (10) when the engine's clock is before it.
    """
    now = datetime.fromisoformat(info["SystemTime"])
    if now.timestamp() < epoch:
        raise BuilderError(
            ExitCode.TOOL_MISSING,
            f"the engine's clock says {now:%Y-%m-%d %H:%M}, before the images' epoch, "
            f"{datetime.fromtimestamp(epoch, UTC):%Y-%m-%d}",
            fix="Set the clock, or the epoch in matrix.lock if it is that which is wrong.",
            where=str(info.get("Name", "")),
        )
