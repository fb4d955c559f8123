"""Where wheels come from: the folders that this machine has, and the PyTorch indexes for what those lack."""

import os
from pathlib import Path

from builder.matrix.expansion.wheels import WheelSet

_INDEX = "https://download.pytorch.org/whl"


def find_links_from_environment() -> tuple[str, ...]:
    """The wheel folders that pip and uv are told of on this machine."""
    words = f"{os.environ.get('PIP_FIND_LINKS', '')} {os.environ.get('UV_FIND_LINKS', '').replace(',', ' ')}"
    return tuple(dict.fromkeys(word for word in words.split() if Path(word).is_dir()))


def index_of(wheels: WheelSet, folders: tuple[str, ...]) -> str:
    """The PyTorch index that has to be asked as well: that of the variant, unless a folder has the wheels."""
    return "" if not wheels.variant or _has_local(wheels, folders) else wheels.variant


def index_url(variant: str) -> str:
    """Where a PyTorch index is."""
    return f"{_INDEX}/{variant}"


def _has_local(wheels: WheelSet, folders: tuple[str, ...]) -> bool:
    names = {file.name.lower() for folder in folders for file in Path(folder).glob("*.whl")}
    pinned = [text.split("==") for text in wheels.requirements if f"+{wheels.variant}" in text]
    return all(any(name.startswith(f"{package}-{version}-") for name in names) for package, version in pinned)
