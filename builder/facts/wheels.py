"""Which of torch's wheels goes with a CUDA version, and which torchvision and torchaudio with a torch."""

from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from builder.facts import torch as releases
from builder.facts.table import table
from builder.facts.torch import CPU, Wheel
from builder.facts.version import at_least, is_number, minor, parts

_WITHOUT_CUDA = ("", CPU)


class Mismatch(StrEnum):
    """Why no wheel fits."""

    UNKNOWN_TORCH = "unknown-torch"
    NO_CUDA_ON_ARCH = "no-cuda-on-arch"
    OTHER_MAJOR = "other-major"
    NEWER_MINOR = "newer-minor"


@dataclass(frozen=True, slots=True)
class NoWheel:
    """No wheel of this torch fits: why, and the releases of torch that have one, newest first.

    With `torch` or `variants` in `unverified` there may be one all the same.
    """

    mismatch: Mismatch
    why: str
    nearest: tuple[str, ...]
    unverified: frozenset[str]


@cache
def fit(torch: str, cuda: str, arch: str) -> Wheel | NoWheel:
    """The wheel of this torch for a CUDA version, or for `cpu` or none, on an architecture.

    It is of the same CUDA major and of the same minor, or else of the newest one below: NVIDIA's libraries
    are compatible upwards within a major.

    Raises:
        ValueError: when a part of the CUDA version is not a number.
    """
    release = releases.release(torch)
    if release is None:
        newest = releases.releases()[-1].version
        doubts = frozenset({"torch"}) if is_number(torch) and parts(torch) > parts(newest) else frozenset()
        why = f"torch {torch} is not among the known releases, {newest} is the newest"
        return NoWheel(Mismatch.UNKNOWN_TORCH, why, fitting(cuda, arch), doubts)
    wheel = releases.cpu_wheel(torch, arch) if cuda in _WITHOUT_CUDA else _best(torch, cuda, arch)
    if wheel:
        return wheel
    mismatch, why = _why_none(torch, cuda, arch)
    return NoWheel(mismatch, why, fitting(cuda, arch), release.unverified & {"variants"})


def fitting(cuda: str, arch: str) -> tuple[str, ...]:
    """The releases of torch that have a wheel for this CUDA version and architecture, newest first."""
    known = (release.version for release in reversed(releases.releases()))
    return tuple(torch for torch in known if cuda in _WITHOUT_CUDA or _best(torch, cuda, arch))


def explain(wheel: Wheel, cuda: str) -> str:
    """Why this wheel goes with that CUDA version."""
    if wheel.cuda is None:
        return f"{wheel.variant} is torch {wheel.torch} without CUDA"
    if wheel.cuda == minor(cuda):
        return f"{wheel.variant} is torch {wheel.torch} built with CUDA {wheel.cuda}"
    return (
        f"{wheel.variant} is torch {wheel.torch} built with the newest CUDA {parts(cuda)[0]} not above {cuda}"
    )


def companion_fits(package: str, version: str, torch: str) -> bool:
    """Whether a `torchvision` or `torchaudio` version goes with this torch: their own requirements say so.

    Raises:
        KeyError: for another package.
    """
    rule = {row["package"]: row for row in table("torch").data["companions"]}[package]
    if not is_number(version) or not is_number(torch):
        return False
    if at_least(version, rule["from"]):
        newest = rule.get("last", version)
        return at_least(torch, rule["torch"]) and at_least(newest, version)
    release = releases.release(torch)
    pairs = {"torchvision": release.torchvision, "torchaudio": release.torchaudio} if release else {}
    return pairs.get(package) == version


def _best(torch: str, cuda: str, arch: str) -> Wheel | None:
    wanted = parts(cuda)[:2]
    fits = [wheel for wheel in releases.wheels(torch, arch) if _same_major_not_above(wheel, wanted)]
    return fits[-1] if fits else None


def _same_major_not_above(wheel: Wheel, wanted: tuple[int, ...]) -> bool:
    built = parts(wheel.cuda or "0")
    return built[0] == wanted[0] and built <= wanted


def _why_none(torch: str, cuda: str, arch: str) -> tuple[Mismatch, str]:
    wheels = releases.wheels(torch, arch)
    if not wheels:
        return Mismatch.NO_CUDA_ON_ARCH, f"torch {torch} has no CUDA wheel for {arch}, only a CPU one"
    built = ", ".join(wheel.variant for wheel in wheels)
    major = parts(cuda)[0]
    if any(parts(wheel.cuda or "0")[0] == major for wheel in wheels):
        return (
            Mismatch.NEWER_MINOR,
            f"torch {torch} for {arch} has {built}, all newer than CUDA {minor(cuda)}",
        )
    return Mismatch.OTHER_MAJOR, f"torch {torch} for {arch} has {built}, none of CUDA {major}"
