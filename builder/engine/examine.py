"""Runs the doctor's examination in an image, or in a container that is running already."""

from typing import TYPE_CHECKING

from builder.engine.containers import run_probe
from builder.model.errors import BuilderError, ExitCode
from builder.model.platform import Platform
from builder.model.probe import GpuAccess, Limits, ProbeRun

if TYPE_CHECKING:
    from python_on_whales import DockerClient

# The examination ends itself long before that.
_LIMITS = Limits(seconds=240)


def examine_image(
    docker: "DockerClient", image: str, platform: Platform, *, program: bytes, gpu: GpuAccess | None
) -> ProbeRun:
    """Run the program in a new container of the image, which the engine pulls if it has to.

    Raises:
        BuilderError: (22) when the engine has no such image and cannot get it.
    """
    from python_on_whales.exceptions import DockerException

    try:
        if not docker.image.exists(image):
            docker.image.pull(image, platform=str(platform), quiet=True)
    except DockerException as error:
        raise BuilderError(
            ExitCode.NOT_FOUND,
            (error.stderr or str(error)).strip().splitlines()[-1],
            fix="Name an image as `docker run` would; `docker login` where it is private.",
            where=image,
        ) from error
    return run_probe(docker, image, platform, program=program, expectation="", limits=_LIMITS, gpu=gpu)


def examine_container(docker: "DockerClient", name: str, *, program: bytes) -> ProbeRun:
    """Run the program inside a running container, with what it was given when it was started.

    Raises:
        BuilderError: (3) when no container of this name is running.
    """
    from python_on_whales.exceptions import DockerException

    try:
        running = docker.container.exists(name) and docker.container.inspect(name).state.running
    except DockerException:
        running = False
    if not running:
        raise BuilderError(
            ExitCode.NOTHING_SELECTED,
            f"no container {name} is running",
            fix="`docker ps` lists those that are.",
        )
    command = ["python3", "-c", program.decode(), ""]
    try:
        said = docker.container.execute(name, command) or ""
    except DockerException as error:
        return ProbeRun(error.return_code, (error.stdout or "").encode(), error.stderr or "", 0)
    return ProbeRun(0, str(said).encode(), "", 0)
