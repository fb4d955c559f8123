"""GPUs by the names that nvidia-smi, clouds and people give them."""

import re
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import cache

from builder.facts.archs import capability
from builder.facts.table import close, table, unverified

_NOISE = re.compile(r"\b(?:nvidia|tesla|geforce)\b|\((?:tm|r)\)|[-_/ ]+")


@dataclass(frozen=True, slots=True)
class Gpu:
    """A GPU, or a family of them with one compute capability.

    `arches` are the CPU architectures of hosts that have it; none for Tegra before Thor, on which NVIDIA's
    arm64 images do not run. `first_cuda` and `last_cuda` are minors; `last_cuda` and `last_branch` are None
    while NVIDIA supports it. `module` is the kernel module where only one works, `open` or `proprietary`.
    """

    name: str
    cc: str
    family: str
    arches: tuple[str, ...]
    tegra: bool
    first_cuda: str
    last_cuda: str | None
    first_branch: int | None
    last_branch: int | None
    module: str | None
    names: tuple[str, ...]
    unverified: frozenset[str]


@cache
def gpus() -> tuple[Gpu, ...]:
    """All known GPUs, by compute capability."""
    return tuple(
        Gpu(
            name=row["name"],
            cc=row["cc"],
            family=row["family"],
            arches=tuple(row.get("arches", ())),
            tegra=row.get("tegra", False),
            first_cuda=row["first_cuda"],
            last_cuda=row.get("last_cuda"),
            first_branch=row.get("first_branch"),
            last_branch=row.get("last_branch"),
            module=row.get("module"),
            names=tuple(row["names"]),
            unverified=unverified(row),
        )
        for row in table("gpus").data["gpus"]
    )


def find(name: str) -> Gpu | None:
    """The GPU of this name, as `NVIDIA A100-SXM4-80GB` or `rtx 4090`; `sm_86` is any of that capability.

    Of several that a name could mean (`A100`) it is the first; they have one compute capability.
    """
    plain = " ".join(_NOISE.sub(" ", name.casefold()).split())
    for gpu in gpus():
        if gpu.name.casefold() == name.casefold() or any(
            fnmatchcase(plain, pattern) for pattern in gpu.names
        ):
            return gpu
    cc = capability(name)
    return _any_of(cc) if cc else None


def by_cc(cc: str) -> tuple[Gpu, ...]:
    """The GPUs of a compute capability."""
    return tuple(gpu for gpu in gpus() if gpu.cc == cc)


def nearest(name: str) -> tuple[str, ...]:
    """The names that look like this one."""
    return close(name, (gpu.name for gpu in gpus()))


def _any_of(cc: str) -> Gpu | None:
    same = by_cc(cc)
    if not same:
        return None
    arches = tuple(sorted({arch for gpu in same for arch in gpu.arches}))
    modules = {gpu.module for gpu in same}
    return replace(
        same[0],
        name=f"compute capability {cc}",
        arches=arches,
        tegra=all(gpu.tegra for gpu in same),
        first_branch=min((gpu.first_branch for gpu in same if gpu.first_branch), default=None),
        module=modules.pop() if len(modules) == 1 else None,
        names=(),
        unverified=frozenset().union(*(gpu.unverified for gpu in same)) - {"cc"},
    )
