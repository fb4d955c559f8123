"""What the engine says of itself."""

import json
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from builder.engine.processes import run
from builder.model.errors import BuilderError, ExitCode

if TYPE_CHECKING:
    from python_on_whales import DockerClient

SETUP = 'Run `scripts/engine up` and `eval "$(scripts/engine env)"`, or start Docker.'
_SECONDS = 60


def engine_info(docker: "DockerClient") -> Mapping[str, Any]:
    """What `docker info` knows, as it says it: the client library leaves out runtimes' and CDI's details.

    It takes a tenth of a second: who asks passes it on.

    Raises:
        BuilderError: (10) when no engine answers.
    """
    done = run([*docker.client_config.docker_cmd, "info", "--format", "json"], seconds=_SECONDS)
    try:
        info = json.loads(done.stdout)
    except ValueError:
        info = {}
    # Without an engine there is an answer of the client alone.
    if not isinstance(info, dict) or not info.get("ServerVersion"):
        where = os.environ.get("DOCKER_HOST", "the default socket")
        raise BuilderError(ExitCode.TOOL_MISSING, f"no Docker engine answers at {where}", fix=SETUP)
    return info
