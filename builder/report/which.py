"""Which images run on a machine, as text and JSON."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import fill
from typing import Any

_WIDTH = 110
_INDENT: dict[str, Any] = {
    "initial_indent": "    ",
    "subsequent_indent": "    ",
    "break_long_words": False,
    "break_on_hyphens": False,
}


@dataclass(frozen=True, slots=True)
class Fit:
    """An image and its tags.

    Where it does not run, `layer` and `why` say so, and `fix` what would help; else how the driver supports
    its toolkit and how its code reaches the GPU.
    """

    target: str
    tags: tuple[str, ...]
    layer: str = ""
    why: str = ""
    fix: str = ""
    support: str = ""
    coverage: str = ""
    notes: tuple[str, ...] = ()

    @property
    def fits(self) -> bool:
        """Whether it runs."""
        return not self.layer


def text(machines: Sequence[str], fits: Sequence[Fit]) -> str:
    """The best image, then all that run, best first, and the others by what stands in their way."""
    best = next((fit for fit in fits if fit.fits), None)
    lines = [*machines, "", f"Best: {_tag(best)}" if best else "Nothing of this family runs here."]
    for (layer, why, fix), alike in _groups(fits).items():
        lines += ["", f"Does not run ({layer}): {why}.", f"  {fix}"] if layer else ["", f"Runs: {why}."]
        lines.append(fill("  ".join(_short(fit) for fit in alike), _WIDTH, **_INDENT))
    return "\n".join(lines)


def as_json(machines: Sequence[str], fits: Sequence[Fit]) -> str:
    """A JSON object: the machines, and every image with whether it runs."""
    data = {
        "machines": list(machines),
        "images": [
            {
                "target": fit.target,
                "tags": list(fit.tags),
                "runs": fit.fits,
                "layer": fit.layer or None,
                "why": fit.why or None,
                "fix": fit.fix or None,
                "driver": fit.support or None,
                "code": fit.coverage or None,
                "notes": list(fit.notes),
            }
            for fit in fits
        ],
    }
    return json.dumps(data, indent=2)


def _tag(fit: Fit) -> str:
    return fit.tags[0] if fit.tags else fit.target


def _short(fit: Fit) -> str:
    """The tag without its repository, which the best one shows."""
    return _tag(fit).rpartition(":")[2]


def _how(fit: Fit) -> str:
    if not fit.support:
        return "it needs no GPU"
    return "; ".join(fit.notes) or "the driver knows this CUDA"


def _groups(fits: Sequence[Fit]) -> dict[tuple[str, str, str], list[Fit]]:
    """The images by what is to be said of them, in their order."""
    groups: dict[tuple[str, str, str], list[Fit]] = {}
    for fit in fits:
        said = ("", _how(fit), "") if fit.fits else (fit.layer, fit.why, fit.fix)
        groups.setdefault(said, []).append(fit)
    return groups
