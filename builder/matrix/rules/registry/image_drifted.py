"""image-drifted: a staged image whose parts of CUDA are not those of what it is built on."""

import re
from collections.abc import Iterator, Mapping

from packaging.utils import canonicalize_name

from builder.matrix.rules.rule import Context, Hit, Rule
from builder.matrix.survey import Contents
from builder.model.finding import Severity

# What decides which machine code runs, by the names of NVIDIA's packages and of torch's wheels.
_PARTS = re.compile(
    r"(deb|rpm) (cuda-|lib(cu(blas|dnn|fft|file|rand|solver|sparse)|nccl|npp|nv(fatbin|jit|jpeg|rtc|vm))).*"
    r"|pypi (torch|triton|(nvidia|cuda)-.*)"
)
_FIX = "Leave the upgrade out of the Dockerfile, or build on a base that has it."


def _check(context: Context) -> Iterator[Hit]:
    found = context.survey.contents if context.survey else {}
    for target in context.expansion.all:
        for cell in target.cells:
            contents = found.get((target.name, cell.platform))
            if contents and (changed := _changed(contents)):
                more = f" and {len(changed) - 3} more" if len(changed) > 3 else ""  # noqa: PLR2004
                what = f"what it is built on has other parts of CUDA: {', '.join(changed[:3])}{more}"
                yield Hit(what, _FIX, target.where, (cell,))


def _changed(contents: Contents) -> list[str]:
    """The parts of CUDA that both have, in other versions. What only one has is no drift."""
    before, now = _parts(contents.below), _parts(contents.image)
    return [
        f"{name.partition(' ')[2]} {now[name]} instead of {version}"
        for name, version in before.items()
        if now.get(name, version) != version
    ]


def _parts(packages: Mapping[str, str]) -> dict[str, str]:
    named = {
        f"{kind} {canonicalize_name(name) if kind == 'pypi' else name}": version
        for full, version in packages.items()
        for kind, _, name in (full.partition(" "),)
    }
    return {name: version for name, version in named.items() if _PARTS.fullmatch(name)}


RULE = Rule(
    "image-drifted",
    Severity.ERROR,
    "A staged image has a part of CUDA, or torch, in another version than its base, its parent or the lock.",
    "Parts of CUDA are tested with each other; what an upgrade put there instead fails later, on some GPU.",
    _FIX,
    _check,
    online=True,
)
