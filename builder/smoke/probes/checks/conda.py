"""The environment of conda's: whole, of one CUDA, and held as it is."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from builder.smoke.probes.check import Check, Failed, check
from builder.smoke.probes.promise import Facts, Promise
from builder.smoke.probes.requirements import meets

_SHOWN = 5
# Packages that have the toolkit's own version: of conda-forge, of PyTorch's channel, and before CUDA 12.
_CUDA = ("cuda-version", "pytorch-cuda", "cudatoolkit")
_GUARDED = re.compile(r"pytorch.*|triton|cuda-.+|cudatoolkit|(lib)?cudnn|nccl")


def _wanted(promise: Promise) -> bool:
    return promise.env == "conda"


@check(
    "conda.consistent",
    "every package of the environment has its files and what it depends on",
    lane="wheels",
    limit=60,
    wanted=_wanted,
)
def consistent(_promise: Promise, facts: Facts) -> str:
    """Reads conda-meta, as `conda list` does. What begins with `__` is the host's."""
    known = _records()
    facts["conda"] = str(len(known))
    versions = {record["name"]: record["version"] for record in known}
    wrong = [f"{len(known) - len(versions)} packages are there twice"] if len(versions) < len(known) else []
    for record in known:
        wrong += [f"{record['name']} {lack}" for lack in (*_unmet(record, versions), *_lost(record))]
    if wrong:
        more = f" and {len(wrong) - _SHOWN} more" if len(wrong) > _SHOWN else ""
        raise Failed("; ".join(wrong[:_SHOWN]) + more)
    return f"{len(known)} packages"


def _unmet(record: dict[str, Any], versions: dict[str, str]) -> Iterator[str]:
    """What it depends on that is not there, or in another version; alternatives are the solver's business."""
    for text in record["depends"]:
        name, constraint = (*text.split(), "")[:2]
        if name.startswith("__"):
            continue
        if name not in versions:
            yield f"asks for {text}, which is not installed"
        elif "|" not in constraint and not meets(versions[name], constraint):
            yield f"asks for {text}, and {versions[name]} is installed"


def _lost(record: dict[str, Any]) -> Iterator[str]:
    for path in record["files"]:
        if not os.path.lexists(Path(sys.prefix, path)):
            yield f"lacks {path}"


@check(
    "conda.cuda",
    "the environment's CUDA is the image's, or an older minor of its major",
    lane="wheels",
    limit=30,
    wanted=lambda promise: _wanted(promise) and bool(promise.cuda),
)
def cuda(promise: Promise, _facts: Facts) -> str:
    """Compares the packages that have the toolkit's own version."""
    found = {record["name"]: record["version"] for record in _records() if record["name"] in _CUDA}
    major, newest = _numbers(promise.cuda)
    wrong = {
        name: version
        for name, version in found.items()
        if _numbers(version)[0] != major or _numbers(version)[1] > newest
    }
    if wrong:
        raise Failed(f"{wrong}, but the cell says {promise.cuda}")
    return ", ".join(f"{name} {version}" for name, version in found.items()) or "no package of CUDA's"


@check(
    "conda.guarded",
    "conda and mamba hold torch and CUDA as they are",
    lane="wheels",
    limit=30,
    wanted=lambda promise: _wanted(promise) and not promise.command,
)
def guarded(_promise: Promise, _facts: Facts) -> str:
    """Looks for a pin of each of their packages, which conda, mamba and micromamba all read."""
    file = Path(sys.prefix, "conda-meta", "pinned")
    pins = set(file.read_text().splitlines()) if file.is_file() else set()
    kept = [record for record in _records() if _GUARDED.fullmatch(record["name"])]
    free = sorted(
        record["name"]
        for record in kept
        if f"{record['name']} =={record['version']} {record['build']}" not in pins
    )
    if free:
        raise Failed(f"nothing pins {', '.join(free)}")
    return f"{len(kept)} packages"


def _records() -> list[dict[str, Any]]:
    files = sorted(Path(sys.prefix, "conda-meta").glob("*.json"))
    if not files:
        raise Failed(f"python is in {sys.prefix}, which is no environment of conda's")
    try:
        return [json.loads(file.read_text()) for file in files]
    except (OSError, ValueError) as error:
        raise Failed(f"what conda knows of the environment cannot be read: {error}") from error


def _numbers(version: str) -> tuple[int, int]:
    major, minor = (int(part) for part in f"{version}.0".split(".")[:2])
    return major, minor


CHECKS: tuple[Check, ...] = (consistent, cuda, guarded)
