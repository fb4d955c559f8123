"""A channel with a Python that works, for both platforms."""

from pathlib import Path

import pytest

from tests.conda.channel import SUBDIRS, Channel, tree
from tests.pythons import VERSION, pythons

__all__ = ["pythons"]
# Debian's Python looks for packages in a folder of its own, which conda does not fill.
_PATHS = {"lib/python3/dist-packages/conda.pth": b"/opt/conda/lib/python3.11/site-packages\n"}
_ACTIVATED = {"etc/conda/activate.d/python.sh": b"export ACTIVATED=yes\n"}


@pytest.fixture(scope="module")
def channel(pythons: Path, tmp_path_factory: pytest.TempPathFactory) -> Channel:
    """Python, a pip that is none, a tool with a command of its own, and a triton that is only a name."""
    made = Channel(tmp_path_factory.mktemp("channels"))
    for platform, subdir in SUBDIRS.items():
        files = tree(pythons / platform.replace("/", "_")) | _PATHS | _ACTIVATED
        made.add(subdir, "python", VERSION, "0_cpython", depends=["__glibc >=2.17,<3.0.a0"], files=files)
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
