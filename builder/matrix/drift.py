"""Which parts of CUDA of an image are not those of what it is built on."""

import re
from collections.abc import Mapping, Sequence

from packaging.utils import canonicalize_name

from builder.matrix.survey import Contents

# What decides which machine code runs, by the names of NVIDIA's packages and of torch's wheels.
_PARTS = re.compile(
    r"(deb|rpm) (cuda-|lib(cu(blas|dnn|fft|file|rand|solver|sparse)|nccl|npp|nv(fatbin|jit|jpeg|rtc|vm))).*"
    r"|pypi (torch|triton|(nvidia|cuda)-.*)"
)


def drift(contents: Contents) -> tuple[str, ...]:
    """The parts that both have, in other versions: `torch 2.9.1 instead of 2.9.0`. One's own is no drift."""
    before, now = _parts(contents.below), _parts(contents.image)
    return tuple(
        f"{name.partition(' ')[2]} {now[name]} instead of {version}"
        for name, version in before.items()
        if now.get(name, version) != version
    )


def shown(drifted: Sequence[str], most: int = 3) -> str:
    """The first of what drifted, and how much more there is."""
    more = f" and {len(drifted) - most} more" if len(drifted) > most else ""
    return f"what it is built on has other parts of CUDA: {', '.join(drifted[:most])}{more}"


def _parts(packages: Mapping[str, str]) -> dict[str, str]:
    named = {
        f"{kind} {canonicalize_name(name) if kind == 'pypi' else name}": version
        for full, version in packages.items()
        for kind, _, name in (full.partition(" "),)
    }
    return {name: version for name, version in named.items() if _PARTS.fullmatch(name)}
