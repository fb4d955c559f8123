"""One container for one run of the probe, closed in on every side, and gone afterwards."""

import contextlib
import os
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from builder.engine.interrupt import interruptible
from builder.engine.leftovers import expiry
from builder.engine.processes import run
from builder.model.errors import BuilderError, ExitCode
from builder.model.platform import Platform
from builder.model.probe import GpuAccess, GpuPath, Lent, Limits, ProbeRun
from builder.model.reference import Reference

if TYPE_CHECKING:
    from python_on_whales import DockerClient

# A user that no base image has: the image must work for whoever runs it.
_USER = "65532:65532"
_OUTPUT = 8 << 20
# The probe ends itself in time; this is for a python that hangs before the probe begins.
_GRACE = 20
_RETRY = 1
# Where a lent Python is. It goes through its own loader and C library, for which no variable is set: programs
# that it starts, and libraries that it opens, are the image's and find what they would find without it.
_LENT = "/lent"
_START = (
    f'for loader in {_LENT}/lib/*/ld-linux-*; do exec "$loader" --library-path '
    '"${loader%/*}${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}" "$@"; done'
)
# What an emulator takes longer: a single check at worst, and a run, most of which is reading files.
_EMULATION, _EMULATED_RUN = 10, 3


def run_probe(
    docker: "DockerClient",
    image: Reference | str,
    platform: Platform,
    *,
    program: bytes,
    expectation: str,
    limits: Limits | None = None,
    gpu: GpuAccess | None = None,
    lent: Lent | None = None,
) -> ProbeRun:
    """Run the program with the image's own python3, or with a lent one, and wait for its end.

    `image` is on the engine already, see `pull`; for a receipt it has a digest. The program and the
    expectation are passed as arguments: nothing of this machine is mounted, and the engine may be another.
    """
    limits = limits or Limits()
    name = f"cuda-image-builder-probe-{uuid.uuid4().hex}"
    emulated = platform.machine != os.uname().machine
    seconds = limits.seconds * (_EMULATED_RUN if emulated else 1)
    options = _sandbox(limits) | _gpu(gpu) | {"name": name, "platform": str(platform)}
    options["entrypoint"], *begin_with = _python(lent) if lent else ["python3"]
    options["volumes"] = [*options.get("volumes", []), *([(lent.volume, _LENT, "ro")] if lent else [])]
    options["envs"] = {
        "HOME": "/tmp",  # noqa: S108  the only writable folder in there
        # torch asks who it is, and the image's passwd does not know our user.
        "LOGNAME": "probe",
        "USER": "probe",
        "PROBE_SECONDS": str(seconds),
        "PROBE_PATIENCE": str(_EMULATION if emulated else 1),
        **options.get("envs", {}),
    }
    command = [*begin_with, "-c", program.decode(), expectation]
    begin = time.monotonic()
    output = _Tail(_OUTPUT)
    with _watchdog(docker, name, seconds + _GRACE) as timed_out:
        exit_code, said = _stream(docker, str(image), command, options, output)
    return ProbeRun(exit_code, output.content(), said, time.monotonic() - begin, timed_out())


def pull(docker: "DockerClient", image: Reference, platform: Platform) -> None:
    """Have the engine fetch the image, which is quick when it has it."""
    from python_on_whales.exceptions import DockerException

    command = [*docker.client_config.docker_cmd, "pull", "--quiet", f"--platform={platform}", str(image)]
    done = run(command)
    if done.returncode:
        raise DockerException(command, done.returncode, done.stdout.encode(), done.stderr.encode())


@contextlib.contextmanager
def pulled(docker: "DockerClient", image: Reference, platform: Platform) -> Iterator[None]:
    """Have the image on the engine while the block runs, and not for longer: disks are small.

    Raises:
        BuilderError: (30) when the engine cannot pull it or run it.
    """
    from python_on_whales.exceptions import DockerException

    try:
        pull(docker, image, platform)
        yield
    except DockerException as error:
        said = (error.stderr or str(error)).strip().splitlines()
        raise BuilderError(
            ExitCode.SMOKE_FAILED,
            said[-1] if said else "the engine says nothing",
            fix="See what the engine says of this image; `python -m builder smoke` tries again.",
            where=str(image),
        ) from error
    finally:
        with contextlib.suppress(DockerException):
            docker.image.remove(str(image), force=True)


def _sandbox(limits: Limits) -> dict[str, Any]:
    return {
        "remove": True,
        "pull": "missing",  # another test of the same image may have removed it since it was pulled
        # A terminal joins the container's two streams; docker's own stderr is then only what the engine says.
        "tty": True,
        "log_driver": "none",
        "healthcheck": False,
        "networks": ["none"],
        "read_only": True,
        "tmpfs": [f"/tmp:rw,exec,nosuid,nodev,mode=1777,size={limits.scratch}"],  # noqa: S108
        "workdir": "/tmp",  # noqa: S108
        "user": _USER,
        "cap_drop": ["ALL"],
        "security_options": ["no-new-privileges"],
        "memory": limits.memory,
        "memory_swap": limits.memory,
        "shm_size": limits.shared_memory,
        "pids_limit": limits.processes,
        "labels": expiry(limits.seconds),
    }


def _python(lent: Lent) -> list[str]:
    return ["/bin/sh", "-c", _START, "sh", f"{_LENT}/bin/python{lent.lender.python}", "-I"]


def _gpu(gpu: GpuAccess | None) -> dict[str, Any]:
    if gpu is None:
        return {}
    match gpu.path:
        case GpuPath.TOOLKIT:
            return {"gpus": "all" if gpu.device == "all" else f"device={gpu.device}"}
        case GpuPath.CDI:
            return {"devices": [f"nvidia.com/gpu={gpu.device}"]}
        case GpuPath.WSL2:
            return {
                "devices": ["/dev/dxg"],
                "volumes": [("/usr/lib/wsl", "/usr/lib/wsl", "ro")],
                "envs": {"LD_LIBRARY_PATH": "/usr/lib/wsl/lib"},
            }


def _stream(
    docker: "DockerClient", image: str, command: list[str], options: dict[str, Any], output: "_Tail"
) -> tuple[int, str]:
    from python_on_whales.exceptions import DockerException

    said: list[bytes] = []
    try:
        for stream, content in docker.container.run(image, command, stream=True, **options):
            if stream == "stdout":
                output.add(content)
            else:
                said.append(content)
    except DockerException as error:
        return error.return_code, b"".join(said).decode("utf-8", "replace")
    return 0, b"".join(said).decode("utf-8", "replace")


@contextlib.contextmanager
def _watchdog(docker: "DockerClient", name: str, seconds: float) -> Iterator[Callable[[], bool]]:
    """Remove the container after so many seconds, on an interrupt, and when we leave by an exception."""
    late, over, bitten = threading.Event(), threading.Event(), threading.Event()

    def watch() -> None:
        late.wait(seconds)
        while not over.is_set():
            bitten.set()
            _remove(docker, name)
            over.wait(_RETRY)

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        with interruptible(late.set):
            yield bitten.is_set
    except BaseException:
        _remove(docker, name)
        raise
    finally:
        over.set()
        late.set()
        thread.join()


def _remove(docker: "DockerClient", name: str) -> None:
    from python_on_whales.exceptions import DockerException

    with contextlib.suppress(DockerException):
        docker.container.remove(name, force=True)


class _Tail:
    """The last bytes of a stream, whatever its length."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._parts: deque[bytes] = deque()
        self._held = 0

    def add(self, part: bytes) -> None:
        """Take a part, and drop old ones that are no longer among the last `size` bytes."""
        self._parts.append(part)
        self._held += len(part)
        while self._held - len(self._parts[0]) >= self._size:
            self._held -= len(self._parts.popleft())

    def content(self) -> bytes:
        """What is left of the stream."""
        return b"".join(self._parts)[-self._size :]
