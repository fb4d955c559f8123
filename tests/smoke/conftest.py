"""Good images of the project's own making, and a way to spoil them."""

import contextlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from python_on_whales import DockerClient
from python_on_whales.exceptions import DockerException

from builder.engine.bake import bake
from builder.engine.client import connect
from builder.model.outcome import Built
from builder.model.reference import Reference, Repository

REGISTRY = os.environ.get("CIB_REGISTRY", "127.0.0.1:5000")
_REPOSITORY = Repository(REGISTRY, "test-smoke/cuda-staging")
_NAMES = {
    "base": "13.0.2-base-debian12-py",
    "bare": "13.0.2-base-debian12-wheels",
    "devel": "13.0.2-devel-",
    "torch": "cpu-base-",
    "lender": "lender-",
}


@pytest.fixture(scope="session")
def docker() -> DockerClient:
    return connect()


@pytest.fixture(scope="session")
def good(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Reference]:
    """The images of images.yaml: built once a day, found again in the registry after that."""
    file = tmp_path_factory.mktemp("good") / "images.yaml"
    text = Path(__file__).with_name("images.yaml").read_text()
    file.write_text(text.replace("127.0.0.1:5000", REGISTRY))

    def builder(*words: str) -> str:
        command = [sys.executable, "-m", "builder", *words, "-f", str(file)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    builder("lock")
    builder("bake", "--no-smoke")
    planned = {row["target"]: row["digest"] for row in json.loads(builder("plan", "--format", "json"))}
    return {
        name: Reference.parse(f"{_REPOSITORY}@{digest}")
        for name, prefix in _NAMES.items()
        for target, digest in planned.items()
        if target.startswith(prefix)
    }


@dataclass(frozen=True, slots=True)
class Spoiler:
    """Builds images with something planted in them."""

    docker: DockerClient
    folder: Path
    made: list[str] = field(default_factory=list)

    def __call__(self, image: Reference, name: str, *lines: str, platform: str = "linux/amd64") -> Reference:
        base = f"FROM --platform=linux/amd64 {image}"
        target = {
            "context": str(self.folder),
            "dockerfile-inline": "\n".join((base, "USER root", *lines)),
            "platforms": [platform],
            "network": "none",
            "attest": [{"type": "provenance", "disabled": "true"}],
            "output": [{"type": "image", "push": "true", "name": f"{_REPOSITORY}:fault-{name}"}],
        }
        built = bake(self.docker, {"target": {name: target}}, name, observer=lambda _: None, reproduce="")
        assert isinstance(built, Built), built
        self.made.append(str(_REPOSITORY.at(built.digest)))
        return _REPOSITORY.at(built.digest)

    def clean(self) -> None:
        """Remove the images from the engine, but for the layers that they share with the good ones."""
        for image in set(self.made):
            with contextlib.suppress(DockerException):  # never pulled
                self.docker.image.remove(image, force=True)


@pytest.fixture(scope="session")
def spoil(docker: DockerClient, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Spoiler]:
    spoiler = Spoiler(docker, tmp_path_factory.mktemp("context"))
    yield spoiler
    spoiler.clean()


@pytest.fixture(scope="session")
def fake_driver(
    docker: DockerClient, good: Mapping[str, Reference], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """libcuda.so.1 of fake/libcuda.cpp."""
    return _compiled(docker, good["devel"], tmp_path_factory.mktemp("driver"), "libcuda.cpp", "libcuda.so.1")


@pytest.fixture(scope="session")
def fake_nvml(
    docker: DockerClient, good: Mapping[str, Reference], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """libnvidia-ml.so.1 of fake/nvml.cpp."""
    return _compiled(docker, good["devel"], tmp_path_factory.mktemp("nvml"), "nvml.cpp", "libnvidia-ml.so.1")


def _compiled(docker: DockerClient, image: Reference, folder: Path, source: str, library: str) -> Path:
    """A library of fake/, compiled in the image that has a compiler."""
    shutil.copy(Path(__file__).with_name("fake") / source, folder)
    folder.chmod(0o777)
    docker.run(
        str(image),
        ["g++", "-O1", "-shared", "-fPIC", "-o", f"/driver/{library}", f"/driver/{source}"],
        volumes=[(folder, "/driver")],
        networks=["none"],
        remove=True,
        entrypoint="",
    )
    return folder / library


@pytest.fixture(scope="session")
def fake_gpu(fake_driver: Path) -> Iterator[Callable[[str, str, bool], str]]:
    """Registers a device with the engine through CDI: name, the driver's settings, whether it is mounted."""
    file = Path(f"/var/run/cdi/cuda-image-builder-test-{os.getpid()}.json")
    file.parent.mkdir(parents=True, exist_ok=True)
    devices: dict[str, object] = {}

    def register(name: str, settings: str, mounted: bool) -> str:
        device = f"fake-{os.getpid()}-{name}"
        mount = {
            "hostPath": str(fake_driver),
            "containerPath": "/usr/lib/x86_64-linux-gnu/libcuda.so.1",
            "options": ["ro", "nosuid", "nodev", "bind"],
        }
        edits = {
            "env": [f"FAKE_CUDA={settings}"],
            "deviceNodes": [{"path": "/dev/nvidia0", "hostPath": "/dev/null"}],
            "mounts": [mount] if mounted else [],
        }
        devices[device] = {"name": device, "containerEdits": edits}
        specification = {"cdiVersion": "0.6.0", "kind": "nvidia.com/gpu", "devices": list(devices.values())}
        file.write_text(json.dumps(specification))
        return device

    yield register
    file.unlink(missing_ok=True)
