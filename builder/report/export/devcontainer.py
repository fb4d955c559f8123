"""Development containers, by the reference of containers.dev."""

import json
from typing import Any

from builder.model.cell import Env, Source
from builder.report.export.image import File, Image

_SCHEMA = "https://raw.githubusercontent.com/devcontainers/spec/main/schemas/devContainer.base.schema.json"


def write(image: Image) -> File:
    """The container; with CUDA it asks its host for a GPU, and gets it."""
    container: dict[str, Any] = {
        "$schema": _SCHEMA,
        "name": image.target,
        "image": str(image.reference),
        "remoteUser": "cuda",
    }
    if image.uses_gpu:
        container["hostRequirements"] = {"gpu": True}
    if all(cell.source is not Source.NGC_PYTORCH and cell.python for cell in image.cells):
        folder = "conda" if all(cell.env is Env.CONDA for cell in image.cells) else "venv"
        python = {"python.defaultInterpreterPath": f"/opt/{folder}/bin/python"}
        container["customizations"] = {"vscode": {"settings": python}}
    return File(f"{image.name}/devcontainer.json", json.dumps(container, indent=2) + "\n")
