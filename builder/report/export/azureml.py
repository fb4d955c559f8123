"""Environments of Azure Machine Learning, each with the sizes that run it.

The keys are those of the CLI's environment schema, version 2; names may have letters, digits, `-` and `_`.
"""

from collections.abc import Iterable, Iterator
from textwrap import wrap

import yaml

from builder.facts import hosts
from builder.matrix.machines.machine import of_size
from builder.matrix.machines.runs import Breaks, runs
from builder.report.export.image import File, Image

_SCHEMA = "https://azuremlschemas.azureedge.net/latest/environment.schema.json"
_CLOUD = "azure"
_WIDTH = 100


def write(image: Image) -> tuple[File, ...]:
    """The environment, under comments that recommend compute."""
    environment = {
        "$schema": _SCHEMA,
        "name": image.name,
        "version": f"{image.epoch:%Y%m%d}",
        "image": str(image.reference),
        "description": image.description,
        "os_type": "linux",
        "tags": {**image.facts, "released-as": ", ".join(image.tags)},
    }
    body = yaml.safe_dump(environment, sort_keys=False, width=_WIDTH, allow_unicode=True)
    comments = "".join(f"# {line}".rstrip() + "\n" for line in _compute(image))
    return (File(f"{image.name}.yaml", comments + body),)


def _compute(image: Image) -> Iterator[str]:
    if not image.uses_gpu:
        yield "Runs on every size: it uses no GPU."
        return
    good: dict[str, list[str]] = {}
    bad: dict[str, list[str]] = {}
    for host in hosts.hosts():
        if host.cloud == _CLOUD:
            why = _against(image, host.id)
            (bad.setdefault(why, []) if why else good.setdefault(host.gpu, [])).append(host.size)
    yield (
        "Runs on these sizes, with the driver that Azure installs:" if good else "Runs on no size of Azure's:"
    )
    yield from _lines(good)
    yield "Does not run on these:"
    yield from _lines(bad)


def _against(image: Image, size: str) -> str:
    """Why an image does not run on a size; nothing where it does."""
    machine = of_size(size)
    if machine.gone:
        return machine.gone
    verdicts = [runs(cell, machine) for cell in image.cells]
    reasons = [verdict for verdict in verdicts if isinstance(verdict, Breaks)]
    if len(reasons) < len(verdicts):
        return ""
    doubt = "" if reasons[0].sure else " (not checked)"
    mine = [v for c, v in zip(image.cells, reasons, strict=True) if c.platform.architecture == machine.arch]
    return f"{(mine or reasons)[0].why}{doubt}"


def _lines(groups: dict[str, list[str]]) -> Iterable[str]:
    for title, sizes in groups.items():
        line = f"{title}: {', '.join(sizes)}"
        yield from wrap(line, _WIDTH, initial_indent="  ", subsequent_indent="    ", break_on_hyphens=False)
