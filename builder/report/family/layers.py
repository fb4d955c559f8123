"""Which part of an image each layer is, told from the history in its config."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from builder.bake.labels import INPUTS, OURS
from builder.model.cell import NONE, Env, Source
from builder.model.descriptor import Descriptor
from builder.report.family.values import Layer

BASE, SYSTEM, INTERPRETER, CUDA, PYTHON, BOTH, OTHER = (
    "base image",
    "system packages",
    "Python",
    "CUDA",
    "Python packages",
    "CUDA and Python",
    "settings",
)


def layers(config: bytes, descriptors: Sequence[Descriptor], labels: Mapping[str, str]) -> tuple[Layer, ...]:
    """The layers with their parts; all are of the base where the config does not tell.

    Our templates copy the system's packages, then a Python of uv's, CUDA, and Python's
    packages, each where an image has them.
    """
    steps = [step for step in _history(config) if not step.get("empty_layer")]
    if len(steps) != len(descriptors):
        steps = [{} for _ in descriptors]
    ours = [step for step in steps if _is_copy(step)]
    parts = dict(zip(map(id, ours), _copied(len(ours), labels), strict=True))
    named = [parts.get(id(step)) or _part(step) for step in steps]
    return tuple(
        Layer(layer.digest, layer.size, part) for layer, part in zip(descriptors, named, strict=True)
    )


def packages(annotations: Mapping[str, str]) -> Mapping[str, str]:
    """The locked packages of a build, by name, from its manifest's annotations."""
    known = inputs(annotations)
    lines = (*known.get("wheels", ()), *known.get("conda", ()), *known.get("pythons", ()))
    pairs = (str(line).partition(" ")[0].partition("==") for line in lines)
    return {name: version for name, _, version in pairs if version}


def inputs(annotations: Mapping[str, str]) -> Mapping[str, Any]:
    """The inputs of a build, as its manifest's annotations have them; empty where they do not."""
    try:
        found = json.loads(annotations.get(INPUTS, "{}"))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _copied(count: int, labels: Mapping[str, str]) -> list[str]:
    source, torch = labels.get(f"{OURS}source"), labels.get(f"{OURS}torch", NONE) != NONE
    env, with_python = labels.get(f"{OURS}env"), labels.get(f"{OURS}python") != NONE
    with_wheels = env != Env.CONDA
    expected = [SYSTEM, *([INTERPRETER] if env == Env.UV else [])]
    cuda = source == Source.WHEELS or (source == Source.UPSTREAM and torch and with_wheels)
    expected += [CUDA] if cuda else []
    expected += [PYTHON] if with_python else []  # pip at least
    return expected if count == len(expected) else [BOTH] * count


def _history(config: bytes) -> list[dict[str, Any]]:
    try:
        match json.loads(config):
            case {"history": list(steps)}:
                return [step for step in steps if isinstance(step, dict)]
    except ValueError:
        pass
    return []


def _is_copy(step: Mapping[str, Any]) -> bool:
    return _is_ours(step) and str(step.get("created_by", "")).startswith("COPY")


def _is_ours(step: Mapping[str, Any]) -> bool:
    return "buildkit" in str(step.get("comment", ""))


def _part(step: Mapping[str, Any]) -> str:
    if not _is_ours(step):
        return BASE
    return SYSTEM if "-get " in str(step.get("created_by", "")) else OTHER
