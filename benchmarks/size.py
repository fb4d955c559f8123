"""What an image of the source `wheels` with torch weighs, beside its toolkit with a plain install of torch.

    python -m benchmarks.size TORCH IMAGE=TOOLKIT... [--python 3.11] [--limit PERCENT]

IMAGE and TOOLKIT are images in a registry, the second without torch; either may be of several platforms, and
those of IMAGE are compared one by one. Their layers are read from the registry. Then uv installs that release
of torch with all that it asks for, for the same platform, into an empty folder, as pip would, less the
bytecode that pip makes. What is told are the bytes of all files, each once, and how many files each of CUDA's
libraries is: links and stubs are none. Exits with 1 where an image is over the limit, has a library of CUDA's
twice, or has none.
"""

import argparse
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from uv import find_uv_bin

from benchmarks.layers import opened
from builder.model.platform import Platform
from builder.model.reference import Reference
from builder.model.size import show_size
from builder.registry import Registry
from builder.smoke.probes import inventory

_WHITEOUT = ".wh."
_OPAQUE = f"{_WHITEOUT}{_WHITEOUT}.opq"


@dataclass(frozen=True, slots=True)
class _Pair:
    """Two images of one platform, with torch and without."""

    platform: Platform
    image: Reference
    toolkit: Reference


def main() -> int:
    """Weigh each image, its toolkit and torch, and print what that comes to and what is wrong with it."""
    words = _arguments()
    with Registry() as registry:
        pairs = [pair for image, toolkit in words.pairs for pair in _pairs(registry, image, toolkit)]
        wrong = [line for pair in pairs for line in _weigh(registry, pair, words)]
    for line in wrong:
        print(line, file=sys.stderr)
    return 1 if wrong else 0


def _pairs(registry: Registry, image: Reference, toolkit: Reference) -> Iterator[_Pair]:
    others = registry.platforms(toolkit)
    for platform, found in registry.platforms(image).items():
        if platform not in others:
            raise SystemExit(f"{toolkit} has no {platform}")
        bare = toolkit.repository.at(others[platform].digest)
        yield _Pair(platform, image.repository.at(found.digest), bare)


def _weigh(registry: Registry, pair: _Pair, words: argparse.Namespace) -> list[str]:
    """Print what one image and its parts weigh; what is wrong with it is returned."""
    held = files(registry, pair.image)
    ours, toolkit = sum(held.values()), sum(files(registry, pair.toolkit).values())
    torch = _install(words.torch, words.python, pair.platform)
    print(f"{pair.image} ({pair.platform}): {_told(ours)}")
    print(f"  {pair.toolkit}: {_told(toolkit)}")
    print(f"  torch {words.torch} and what it asks for: {_told(torch)}")
    print(f"  {100 * ours / (toolkit + torch):.1f} % of the two together")
    counts = ", ".join(f"{name} {count}" for name, count in sorted(copies(held).items()))
    print(f"  files of each of CUDA's libraries: {counts}", flush=True)
    return [f"{pair.image} ({pair.platform}): {it}" for it in faults(held, toolkit + torch, words.limit)]


def files(registry: Registry, image: Reference) -> dict[str, int]:
    """The regular files of one platform's image, as unpacking its layers leaves them, with their bytes."""
    found: dict[str, int] = {}
    for layer in registry.manifest(image).layers:
        new: dict[str, int] = {}
        gone: list[str] = []
        with opened(registry, image.repository, layer) as archive:
            for member in archive:
                path = Path(member.name)
                if path.name == _OPAQUE:
                    gone.append(f"{path.parent}/")
                elif path.name.startswith(_WHITEOUT):
                    gone.append(f"{path.with_name(path.name.removeprefix(_WHITEOUT))}/")
                elif member.isreg():
                    new[str(path)] = member.size
                elif not member.isdir():
                    # A link in place of a file.
                    found.pop(str(path), None)
        below = tuple(gone)
        kept = {name: size for name, size in found.items() if not f"{name}/".startswith(below)}
        found = {**kept, **new}
    return found


def copies(held: Mapping[str, int]) -> Counter[str]:
    """How many files each of CUDA's libraries is."""
    stems = (inventory.stem(name) for name in held if not inventory.is_stub(f"/{name}"))
    return Counter(stem for stem in stems if stem in inventory.SINGLE)


def faults(held: Mapping[str, int], plain: int, limit: float | None) -> Iterator[str]:
    """What is wrong with an image that could be `plain` bytes, and may be so many percent of them."""
    found = copies(held)
    if not found:
        yield "it has none of CUDA's libraries, so that nothing was compared"
    for stem, count in sorted(found.items()):
        if count > 1:
            yield f"lib{stem} is {count} files"
    share = 100 * sum(held.values()) / plain
    if limit is not None and share > limit:
        yield f"it is {share:.1f} % of the two together, and the limit is {limit:g} %"


def _told(size: int) -> str:
    return f"{show_size(size)} ({size} bytes)"


def _install(torch: str, python: str, platform: Platform) -> int:
    with tempfile.TemporaryDirectory() as folder:
        places = ("--cache-dir", f"{folder}/cache", "--target", f"{folder}/torch")
        wheels = ("--python-version", python, "--only-binary", ":all:", "--link-mode", "hardlink")
        machine = ("--python-platform", f"{platform.machine}-manylinux_2_28")
        command = [
            *(find_uv_bin(), "pip", "install", "-q", "--no-config"),
            *places,
            *wheels,
            *machine,
            f"torch==={torch}",
        ]
        subprocess.run(command, check=True)
        return sum(file.stat().st_size for file in Path(folder, "torch").rglob("*") if file.is_file())


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("torch")
    parser.add_argument("pairs", nargs="+", metavar="IMAGE=TOOLKIT", type=_named)
    parser.add_argument("--python", default="3.11")
    parser.add_argument("--limit", type=float, metavar="PERCENT")
    return parser.parse_args()


def _named(text: str) -> tuple[Reference, Reference]:
    image, is_pair, toolkit = text.partition("=")
    if not is_pair:
        raise argparse.ArgumentTypeError(f"`{text}` is not IMAGE=TOOLKIT")
    return Reference.parse(image), Reference.parse(toolkit)


if __name__ == "__main__":
    sys.exit(main())
