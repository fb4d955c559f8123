"""What an image promises by being a cell of the matrix."""

import json
from dataclasses import asdict

from builder.model.cell import Cell, Level
from builder.smoke.probes.promise import Promise


def expectation(cell: Cell, *, level: Level = Level.CPU, profile: str = "quick", gpus: int = 1) -> str:
    """The promise as the JSON text that the probe is given, and that the verdict compares.

    `level` is what the test is made on; `gpus` is how many GPUs the container gets, if it gets any.
    """
    promise = Promise(
        machine=cell.platform.machine,
        os=cell.os,
        source=str(cell.source),
        flavor=str(cell.flavor),
        cuda=cell.cuda,
        torch=cell.torch,
        python=cell.python,
        level=str(level),
        profile=profile,
        gpus=gpus if level is Level.GPU else 0,
    )
    return json.dumps(asdict(promise), sort_keys=True)
