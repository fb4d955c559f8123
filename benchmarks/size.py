"""What an image of the source `wheels` with torch weighs, beside its toolkit with a plain install of torch.

    python -m benchmarks.size IMAGE TOOLKIT TORCH [--python 3.11]

IMAGE and TOOLKIT are staged images of this machine's platform, the second without torch. Their layers are
read from the registry. Then uv installs that release of torch with all that it asks for into an empty folder,
as pip would, less the bytecode that pip makes. What is told are the bytes of all files, each once.
"""

import argparse
import subprocess
import tempfile
from pathlib import Path

from uv import find_uv_bin

from benchmarks.layers import opened
from builder.model.descriptor import Descriptor
from builder.model.reference import Reference
from builder.model.size import show_size
from builder.registry import Registry

_WHITEOUT = ".wh."


def main() -> None:
    """Weigh the three, and print what that comes to."""
    words = _arguments()
    with Registry() as registry:
        ours, toolkit = (_image(registry, Reference.parse(name)) for name in (words.image, words.toolkit))
    torch = _install(words.torch, words.python)
    print(f"{words.image}: {show_size(ours)} ({ours} bytes)")
    print(f"{words.toolkit}: {show_size(toolkit)} ({toolkit} bytes)")
    print(f"torch {words.torch} and what it asks for: {show_size(torch)} ({torch} bytes)")
    print(f"{100 * ours / (toolkit + torch):.1f} % of the two together")


def _image(registry: Registry, image: Reference) -> int:
    files: dict[str, int] = {}
    for layer in registry.manifest(image).layers:
        _add(registry, image, layer, files)
    return sum(files.values())


def _add(registry: Registry, image: Reference, layer: Descriptor, files: dict[str, int]) -> None:
    """Do to the files what unpacking a layer over them does."""
    with opened(registry, image.repository, layer) as archive:
        for member in archive:
            path = Path(member.name)
            if path.name.startswith(_WHITEOUT):
                gone = str(path.with_name(path.name.removeprefix(_WHITEOUT)))
                for name in [name for name in files if f"{name}/".startswith(f"{gone}/")]:
                    del files[name]
            elif member.isreg():
                files[member.name] = member.size


def _install(torch: str, python: str) -> int:
    with tempfile.TemporaryDirectory() as folder:
        places = ("--cache-dir", f"{folder}/cache", "--target", f"{folder}/torch")
        wheels = ("--python-version", python, "--only-binary", ":all:", "--link-mode", "hardlink")
        command = [find_uv_bin(), "pip", "install", "-q", "--no-config", *places, *wheels, f"torch==={torch}"]
        subprocess.run(command, check=True)
        return sum(file.stat().st_size for file in Path(folder, "torch").rglob("*") if file.is_file())


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("image")
    parser.add_argument("toolkit")
    parser.add_argument("torch")
    parser.add_argument("--python", default="3.11")
    return parser.parse_args()


if __name__ == "__main__":
    main()
