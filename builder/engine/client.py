"""The Docker client, after making sure that what it talks to can do the work."""

import shutil
from typing import TYPE_CHECKING

from packaging.version import InvalidVersion, Version

from builder.engine.info import SETUP
from builder.facts import programs
from builder.model.errors import BuilderError, ExitCode

if TYPE_CHECKING:
    from python_on_whales import DockerClient


def connect() -> "DockerClient":
    """A client that has Buildx; whether an engine answers is asked by who needs one, with `engine_info`.

    Raises:
        BuilderError: (10) when there is no docker command, or no Buildx that is new enough.
    """
    from python_on_whales import DockerClient
    from python_on_whales.exceptions import DockerException

    if shutil.which("docker") is None:
        raise _missing("there is no docker command", SETUP)
    docker = DockerClient()
    try:
        text = docker.buildx.version().split()[1].removeprefix("v")
        version = Version(text.partition("-")[0].partition("+")[0])
    except (DockerException, IndexError, InvalidVersion) as error:
        raise _missing(
            "Docker has no Buildx", "Install the package docker-buildx (docker-buildx-plugin)."
        ) from error
    if version < Version(programs.BUILDX):
        raise _missing(f"Buildx is {version}", f"Install Buildx {programs.BUILDX} or newer.")
    return docker


def _missing(what: str, fix: str) -> BuilderError:
    return BuilderError(ExitCode.TOOL_MISSING, what, fix=fix)
