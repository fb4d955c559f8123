"""A channel with a Python that works, for both platforms."""

import os
import subprocess
from pathlib import Path

import pytest

from builder.pipeline.site import site
from tests.conda.channel import SUBDIRS, Channel, tree

SEEDED = os.environ.get("CIB_REGISTRY", "127.0.0.1:5000")
# Debian's Python looks for packages in a folder of its own, which conda does not fill.
_PATHS = {"lib/python3/dist-packages/conda.pth": b"/opt/conda/lib/python3.11/site-packages\n"}
_ACTIVATED = {"etc/conda/activate.d/python.sh": b"export ACTIVATED=yes\n"}


@pytest.fixture(scope="session")
def pythons(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for each platform with a Python that can be moved."""
    folder, here = tmp_path_factory.mktemp("pythons"), site(())
    command = ["docker", "buildx", "build", "--file", str(Path(__file__).with_name("python.Dockerfile"))]
    command += ["--build-arg", f"BASE={SEEDED}/library/debian:12-slim", "--platform", ",".join(SUBDIRS)]
    command += [f"--secret=id={name},src={path}" for name, path in here.secrets.items()]
    command += [f"--network={here.network}", "--allow=network.host"] if here.network == "host" else []
    command += ["--output", f"type=local,dest={folder}", str(tmp_path_factory.mktemp("empty"))]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def channel(pythons: Path, tmp_path_factory: pytest.TempPathFactory) -> Channel:
    """Python, a pip that is none, a tool with a command of its own, and a triton that is only a name."""
    made = Channel(tmp_path_factory.mktemp("channels"))
    for platform, subdir in SUBDIRS.items():
        files = tree(pythons / platform.replace("/", "_")) | _PATHS | _ACTIVATED
        made.add(subdir, "python", "3.11.2", "0_cpython", depends=["__glibc >=2.17,<3.0.a0"], files=files)
        made.add(subdir, "triton", "3.2.0", "0", depends=["python >=3.11,<3.12.0a0"])
    about = "site-packages/tool-1.0.dist-info"
    tool = {
        "site-packages/tool.py": b"def main():\n    print('the tool runs')\n",
        f"{about}/METADATA": b"Metadata-Version: 2.1\nName: tool\nVersion: 1.0\n",
    }
    made.add("noarch", "pip", "25.0", "py_0", depends=["python >=3.9"], noarch="python")
    made.add(
        "noarch",
        "tool",
        "1.0",
        "py_0",
        depends=["python", "pip"],
        files=tool,
        noarch="python",
        commands=["tool = tool:main"],
    )
    return made
