"""Development containers, by the reference of containers.dev."""

import json
from typing import Any

from builder.model.cell import Env, Source
from builder.report.export.image import File, Image

_SCHEMA = "https://raw.githubusercontent.com/devcontainers/spec/main/schemas/devContainer.base.schema.json"


# The user may get the number that its user on the host has (`updateRemoteUserUID`): owning is not enough.
_DOCKERFILE = """\
FROM {reference}
# The Python environment is root's. In writable folders you can add packages; the constraints of the image
# still keep torch and CUDA as they are. Folders only: a file would be copied into this layer.
USER 0
RUN find {folder} -type d -exec chmod a+w {{}} +
USER 1000:1000
"""


def write(image: Image) -> tuple[File, ...]:
    """The container; with CUDA it asks its host for a GPU, and gets it.

    With a Python environment of the image's, its user can install packages into that: a Dockerfile beside it
    sees to it.
    """
    container: dict[str, Any] = {"$schema": _SCHEMA, "name": image.target}
    files = []
    folder = _environment(image)
    if folder:
        container["build"] = {"dockerfile": "Dockerfile"}
        text = _DOCKERFILE.format(reference=image.reference, folder=folder)
        files.append(File(f"{image.name}/Dockerfile", text))
    else:
        container["image"] = str(image.reference)
    container["remoteUser"] = "cuda"
    if image.uses_gpu:
        container["hostRequirements"] = {"gpu": True}
    if folder:
        python = {"python.defaultInterpreterPath": f"{folder}/bin/python"}
        container["customizations"] = {"vscode": {"settings": python}}
    return (
        File(f"{image.name}/devcontainer.json", json.dumps(container, indent=2) + "\n"),
        *files,
    )


def _environment(image: Image) -> str:
    """The folder of the image's Python environment; empty where it has none, or its base's own."""
    if not all(cell.source is not Source.NGC_PYTORCH and cell.python for cell in image.cells):
        return ""
    return "/opt/conda" if all(cell.env is Env.CONDA for cell in image.cells) else "/opt/venv"
