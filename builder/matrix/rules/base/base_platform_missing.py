"""base-platform-missing: a base that exists, but not for this platform."""

from collections.abc import Iterator

from builder.facts.upstream import UpstreamTag, find
from builder.facts.version import is_number
from builder.matrix.rules.rule import Context, Hit, Rule, group, warn_if
from builder.model.cell import Cell
from builder.model.finding import Severity


def _check(context: Context) -> Iterator[Hit]:
    for (tag, arch), cells in group(context.upstream, _missing).items():
        yield Hit(
            f"{tag.tag} has no {arch}, only {', '.join(tag.arches)}",
            "Exclude the platform with a reason, or choose another `os` or `cuda`.",
            context.place(cells[0], "platform"),
            cells,
            warn_if("arches" in tag.unverified),
        )


def _missing(cell: Cell) -> tuple[UpstreamTag, str] | None:
    if not is_number(cell.cuda):
        return None
    tag = find(cell.cuda, str(cell.flavor), cell.os)
    arch = cell.platform.architecture
    if not isinstance(tag, UpstreamTag) or not tag.arches or arch in tag.arches:
        return None
    return tag, arch


RULE = Rule(
    "base-platform-missing",
    Severity.ERROR,
    "The base exists, but not for this platform.",
    "Bake would fail on the one platform, or pull another architecture's layers under emulation.",
    "Exclude the platform with a reason, or choose another operating system or CUDA.",
    _check,
)
