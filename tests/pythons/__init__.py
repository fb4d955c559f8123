"""Pythons that run from any folder, for archives and packages that the tests make."""

import os
import subprocess
from pathlib import Path

import pytest

from builder.pipeline.inputs.site import site

PLATFORMS = ("linux/amd64", "linux/arm64")
VERSION = "3.11.2"
SEEDED = os.environ.get("CIB_REGISTRY", "127.0.0.1:5000")


@pytest.fixture(scope="session")
def pythons(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for each platform with a Python that can be moved."""
    folder, here = tmp_path_factory.mktemp("pythons"), site(())
    command = ["docker", "buildx", "build", "--file", str(Path(__file__).with_name("portable.Dockerfile"))]
    command += ["--build-arg", f"BASE={SEEDED}/library/debian:12-slim", "--platform", ",".join(PLATFORMS)]
    command += [f"--secret=id={name},src={path}" for name, path in here.secrets.items()]
    command += [f"--network={here.network}", "--allow=network.host"] if here.network == "host" else []
    command += ["--output", f"type=local,dest={folder}", str(tmp_path_factory.mktemp("empty"))]
    # Two rooms depend on these packages: a network that is away for a minute is no fault of theirs.
    first = subprocess.run(command, check=False)
    if first.returncode:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    return folder
