"""An image of the host's own operating system, CUDA and torch, and what such an image promises."""

import hashlib
import importlib
import io
import json
import os
import platform
import re
import shlex
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from builder.bake.guard import constraints
from builder.matrix.lock import LockedWheel
from builder.model.descriptor import MANIFEST
from builder.model.digest import Digest
from builder.model.reference import Repository
from builder.registry.client import Registry
from builder.smoke.probes import inventory
from builder.smoke.probes.promise import Promise

_CONFIG = "application/vnd.oci.image.config.v1+json"
_LAYER = "application/vnd.oci.image.layer.v1.tar+zstd"
_PLAIN_LAYER = "application/vnd.oci.image.layer.v1.tar"
_CHUNK = 4 << 20
# What keeps pip from replacing torch and CUDA, as in images of our own.
_CONSTRAINTS = "opt/constraints.txt"
_INSTALLED = """
import importlib.metadata
for found in importlib.metadata.distributions():
    print(f"{found.metadata['Name'].lower()}==={found.version}")
"""
# The driver is the host's to lend; static libraries and profilers are gigabytes that no check looks at.
_LEFT_OUT = (
    *("./proc", "./sys", "./dev", "./tmp/*", "./run", "./root", "./home", "./mnt", "./media", "./boot"),
    *("./var/lib", "./var/cache", "./var/log", "./usr/local/nvidia", "./usr/share/doc", "./usr/src"),
    "./etc/apt/sources.list.d",  # where dpkg's database is left out, nothing can be held
    *("libcuda.so*", "libcudadebugger.so*", "libnvidia-*", "nvidia-smi", "*/nsight-*", "*/nsightee*"),
    # torchvision's wheel brings a libcudart of its own, which the origin check rightly refuses.
    *("torchvision*", "torchaudio*", "timm*"),
    *("libcu[bfs]*_static*.a", "libcudnn*.a", "libnpp*.a", "libnv*_static.a", "libnccl_static.a"),
)


@dataclass(frozen=True, slots=True)
class HostImage:
    """The image, and the promise that it should keep at level gpu with one GPU."""

    repository: Repository
    digest: Digest
    promise: Promise
    bytes: int


def make(registry: Registry, repository: Repository, scratch: Path) -> HostImage:
    """Pack the host's root file system and what our images add to one as an image, and push it."""
    layer = scratch / "layer.tar.zst"
    with _tar() as stream:
        diff_id, size = _compress(stream, layer)
    own = _own_files()
    config = {
        "architecture": {"x86_64": "amd64", "aarch64": "arm64"}[platform.machine()],
        "os": "linux",
        "config": {"Env": _environment(), "Entrypoint": ["/bin/false"]},
        "rootfs": {"type": "layers", "diff_ids": [str(diff_id), str(Digest.of(own))]},
    }
    content = json.dumps(config).encode()
    blob = registry.put_file(repository, layer, _LAYER)
    layer.unlink()
    described = registry.put_blob(repository, content, _CONFIG)
    manifest = {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": described.json(),
        "layers": [blob.json(), registry.put_blob(repository, own, _PLAIN_LAYER).json()],
    }
    pushed = registry.put_manifest(repository, json.dumps(manifest).encode(), MANIFEST, tag="host")
    return HostImage(repository, pushed.digest, promise(), size)


def promise() -> Promise:
    """What the host has, so that the same must be found in its image."""
    release = dict(_assignments(Path("/etc/os-release")))
    python = _run("python3", "-c", "import platform; print(platform.python_version())")
    text = _run("python3", "-c", "import torch; print(torch.__version__, torch.version.cuda)")
    torch, torch_cuda = (*text.split(), "", "")[:2]
    nvcc = re.search(r"release ([0-9.]+)", _run("nvcc", "--version"))
    found = Promise(
        machine=platform.machine(),
        os=release["ID"] + release["VERSION_ID"],
        source="upstream",
        env="pip",
        flavor="devel",  # a host has a compiler of its own, with or without nvcc
        cuda=nvcc[1] if nvcc else torch_cuda,
        torch=torch,
        python=".".join(python.split(".")[:2]),
        libraries=[],
        absent=[],
        compiler=bool(nvcc),
        driver="",
        level="gpu",
        profile="quick",
        gpus=1,
        command=[],
        seconds=0,
    )
    return replace(found, libraries=[stem for stem in inventory.SINGLE if _found_by_linker(stem)])


def _environment() -> list[str]:
    """The image's variables: PATH, and where the toolkit's libraries are if the linker's cache has none.

    The cache is the host's and names the host's driver, which Triton then looks for in vain.
    """
    folder = _toolkit_libraries()
    driver = f"TRITON_LIBCUDA_PATH=/usr/lib/{platform.machine()}-linux-gnu"
    known = [f"PATH={os.environ['PATH']}", driver, f"PIP_CONSTRAINT=/{_CONSTRAINTS}"]
    return [*known, *([f"LD_LIBRARY_PATH={folder}"] if folder else [])]


def _own_files() -> bytes:
    """A layer with the constraints, and with PATH for login shells."""
    installed = [line.split("===") for line in _run("python3", "-c", _INSTALLED).splitlines()]
    lines = constraints(LockedWheel(name, version, Digest.of(b"")) for name, version in installed)
    texts = {
        _CONSTRAINTS: "\n".join(lines),
        "etc/uv/uv.toml": f"constraint-dependencies = {json.dumps(lines)}",
        "etc/profile.d/cuda-image-builder.sh": f"export PATH={shlex.quote(os.environ['PATH'])}",
    }
    with io.BytesIO() as file:
        with tarfile.open(fileobj=file, mode="w") as archive:
            for name, text in texts.items():
                entry = tarfile.TarInfo(name)
                entry.size, entry.mode = len(text) + 1, 0o644
                archive.addfile(entry, io.BytesIO(f"{text}\n".encode()))
        return file.getvalue()


def _toolkit_libraries() -> Path | None:
    if _cached("cudart"):
        return None
    copies = inventory.copies("cudart")
    return Path(copies[0]).parent if copies else None


def _found_by_linker(stem: str) -> bool:
    folder = _toolkit_libraries()
    return _cached(stem) or bool(folder and list(folder.glob(f"lib{stem}.so.*")))


def _cached(stem: str) -> bool:
    """Whether the host's dynamic linker has the library in its cache."""
    return re.search(rf"\blib{stem}\.so\.\d+ ", _run("ldconfig", "-p")) is not None


def _run(*command: str) -> str:
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def _assignments(path: Path) -> Iterator[tuple[str, str]]:
    for line in path.read_text().splitlines():
        key, equals, value = line.partition("=")
        if equals:
            yield key, value.strip("\"'")


@contextmanager
def _tar() -> Iterator[subprocess.Popen[bytes]]:
    own = (str(Path.cwd()), os.environ.get("CIB_STATE", ""), os.environ.get("OUT", ""))
    excluded = [f"--exclude={name}" for name in (*_LEFT_OUT, *(f".{path}" for path in own if path))]
    command = ["tar", "c", "--one-file-system", *excluded, "-C", "/", "."]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        yield process


def _compress(process: subprocess.Popen[bytes], path: Path) -> tuple[Digest, int]:
    zstandard = importlib.import_module("zstandard")  # scripts/gpu-e2e brings it along

    digest, size = hashlib.sha256(), 0
    compressor = zstandard.ZstdCompressor(level=1, threads=-1)
    assert process.stdout
    with path.open("wb") as file, compressor.stream_writer(file) as writer:
        while chunk := process.stdout.read(_CHUNK):
            digest.update(chunk)
            writer.write(chunk)
            size += len(chunk)
    return Digest("sha256", digest.hexdigest()), size
