"""unknown-value: an operating system or platform that is none, or a flavor that a source does not have."""

from collections.abc import Iterator

from builder.facts import systems
from builder.matrix.expansion.buildable import PACKAGE_MANAGERS
from builder.matrix.rules.rule import Context, Hit, Rule, group
from builder.model.cell import Cell, Flavor, Source
from builder.model.finding import Severity


def _check(context: Context) -> Iterator[Hit]:
    for os, cells in group(context.cells, lambda cell: cell.os).items():
        if message := _system(os):
            yield Hit(*message, context.place(cells[0], "os"), cells)
    for platform, cells in group(context.cells, lambda cell: cell.platform).items():
        if platform.os != "linux":
            yield Hit(
                f"no image is made for {platform}",
                "Write linux/amd64 or linux/arm64.",
                context.place(cells[0], "platform"),
                cells,
            )
    for (source, flavor), cells in group(context.cells, _source_and_flavor).items():
        if message := _flavor(cells[0], source, flavor):
            yield Hit(*message, context.place(cells[0], "flavor"), cells)


def _source_and_flavor(cell: Cell) -> tuple[Source, Flavor] | None:
    return (cell.source, cell.flavor) if cell.source in (Source.CPU, Source.NGC_PYTORCH) else None


def _system(os: str) -> tuple[str, str] | None:
    system = systems.system(os)
    if system is None:
        near = ", ".join(systems.nearest(os)) or ", ".join(known.name for known in systems.systems())
        return f"there is no operating system `{os}`", f"Known: {near}."
    if system.package_manager not in PACKAGE_MANAGERS:
        return (
            f"{os} installs with {system.package_manager}, for which there is no template",
            f"Choose a system with {' or '.join(PACKAGE_MANAGERS)}.",
        )
    return None


def _flavor(cell: Cell, source: Source, flavor: Flavor) -> tuple[str, str] | None:
    if source is Source.CPU and cell.cuda:
        return f"the source `cpu` has no CUDA {cell.cuda}", "Write `cuda: cpu`, or choose another source."
    if source is Source.CPU and flavor is not Flavor.BASE:
        return (
            f"the source `cpu` has no flavor `{flavor}`",
            "Use `base`: without CUDA there is nothing to add.",
        )
    if source is Source.NGC_PYTORCH and flavor is not Flavor.CUDNN_DEVEL:
        return (
            f"the source `ngc-pytorch` has no flavor `{flavor}`",
            "Use `cudnn-devel`: its images hold all of CUDA.",
        )
    return None


RULE = Rule(
    "unknown-value",
    Severity.ERROR,
    "An operating system or platform without a template, or a flavor that a source does not have.",
    "A misspelt value would become a base image that does not exist.",
    "Take one of the values that the finding names.",
    _check,
    firm=True,
)
