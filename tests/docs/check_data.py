"""Whether YAML, JSON and Dockerfiles are what they seem; a matrix, or a part of one, must pass `check`."""

import json
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

from builder.cli.app import run
from builder.model.errors import BuilderError
from builder.pipeline.verify import read_policy
from tests.automation.tools import schema, venv
from tests.docs.pages import Block

# What a part of a matrix is completed with.
_REST: Mapping[str, Any] = MappingProxyType(
    {
        "release": "ghcr.io/acme/cuda",
        "staging": "ghcr.io/acme/cuda-staging",
        "axes": {
            "cuda": ["12.8.1", "13.0.3"],
            "flavor": ["base", "runtime", "devel"],
            "os": ["ubuntu22.04", "ubuntu24.04"],
        },
        "tags": {"release": "{cuda}-{flavor}-{os}[-torch{torch}]-{epoch:%Y%m%d}"},
    }
)
_UNCHECKED = ("text", "powershell", "bash", "sh", "console", "", "python")


def complaints(block: Block) -> Iterator[str]:
    """What is wrong with a block of data."""
    if block.language in _UNCHECKED:
        return
    if block.language not in _CHECKS:
        yield f"{block.where}: nobody checks `{block.language}`"
        return
    yield from (f"{block.where}: {wrong}" for wrong in _CHECKS[block.language](block.text))


def _yaml(text: str) -> Iterator[str]:
    try:
        data = yaml.safe_load(text)
    except yaml.YAMLError as error:
        yield str(error)
        return
    match data:
        case {"jobs": _}:
            yield from _valid(text)
        case {"apiVersion": str(), "kind": str()} | {"$schema": str()}:
            return
        case {"level": str()}:
            yield from _policy(text)
        case dict():
            yield from _matrix(text if "release" in data else yaml.safe_dump({**_REST, **data}))
        case _:
            yield "no mapping"


def _policy(text: str) -> Iterator[str]:
    """Whether `verify` takes it as a consumer's policy."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "policy.yaml")
        file.write_text(text, "utf-8")
        try:
            read_policy(file)
        except BuilderError as error:
            yield str(error)


def _matrix(text: str) -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "matrix.yaml")
        file.write_text(text, "utf-8")
        for app in yaml.safe_load(text).get("apps", {}).values():
            Path(folder, app["context"]).mkdir()
            Path(folder, app["context"], "Dockerfile").write_text("FROM devel AS build\nFROM runtime\n")
        printed = StringIO()
        with redirect_stdout(printed), redirect_stderr(printed):
            code = run(["check", "--offline", "-f", str(file)])
        if code:
            yield printed.getvalue()


def _valid(text: str) -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "workflow.yml")
        file.write_text(text, "utf-8")
        made = schema("github-workflows", file)
        if made.returncode:
            yield made.stdout


def _json(text: str) -> Iterator[str]:
    try:
        json.loads(text)
    except ValueError as error:
        yield str(error)


def _dockerfile(text: str) -> Iterator[str]:
    # DL3006: an app names its parents by their flavors, without a tag.
    made = subprocess.run(
        [venv("hadolint"), "--no-color", "--ignore=DL3006", "-"],
        input=text,
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode:
        yield made.stdout or made.stderr


_CHECKS: Mapping[str, Callable[[str], Iterator[str]]] = MappingProxyType(
    {"yaml": _yaml, "json": _json, "dockerfile": _dockerfile}
)
