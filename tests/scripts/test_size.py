"""What benchmarks/size.py sees in an image, and what it refuses."""

import gzip
import io
import tarfile
from collections.abc import Iterable

import pytest

from benchmarks.size import copies, faults, files
from builder.registry import Registry
from tests.release.family import Family
from tests.servers.registry import RegistryServer

TREE = "opt/venv/lib/python3.11/site-packages/nvidia/cu13/lib"
CUDART, CUBLAS = f"{TREE}/libcudart.so.13", f"{TREE}/libcublas.so.13"


def layer(files: Iterable[str] = (), links: Iterable[str] = ()) -> bytes:
    """A layer of files of ten bytes, and of links."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name in files:
            member = tarfile.TarInfo(name)
            member.size = 10
            archive.addfile(member, io.BytesIO(b"0123456789"))
        for name in links:
            member = tarfile.TarInfo(name)
            member.type, member.linkname = tarfile.SYMTYPE, "elsewhere"
            archive.addfile(member)
    return gzip.compress(packed.getvalue())


def held(server: RegistryServer, registry: Registry, *layers: bytes) -> dict[str, int]:
    place = server.repository("acme/staging")
    family = Family(registry, place, place)
    made = family.stage(family.image(layers=layers))
    return files(registry, place.at(made.manifest.digest))


def test_files_are_those_that_the_last_layer_leaves(server: RegistryServer, registry: Registry) -> None:
    below = layer(["etc/gone", "etc/linked", "old/one", "old/two/three", CUDART])
    above = layer(["etc/.wh.gone", "old/.wh..wh..opq", "old/new", CUDART], links=["etc/linked"])
    assert held(server, registry, below, above) == {"old/new": 10, CUDART: 10}


@pytest.mark.parametrize(
    ("second", "count"),
    [
        ("usr/local/cuda-13.0/targets/x86_64-linux/lib/libcudart.so.13.0.96", 2),
        ("opt/venv/lib/python3.11/site-packages/torch/lib/libcudart-9335f6a2.so.12", 2),
        ("usr/local/cuda-13.0/lib64/stubs/libcudart.so", 1),
        ("usr/lib/libcudartist.so.13", 1),
    ],
)
def test_a_library_that_is_there_twice_is_refused(
    server: RegistryServer, registry: Registry, second: str, count: int
) -> None:
    found = held(
        server, registry, layer([CUDART, CUBLAS, second], links=["usr/local/cuda/lib64/libcudart.so"])
    )
    assert copies(found) == {"cudart": count, "cublas": 1}
    assert list(faults(found, 1000, None)) == (["libcudart is 2 files"] if count == 2 else [])


def test_an_image_over_the_limit_is_refused() -> None:
    found = {CUDART: 62}
    assert list(faults(found, 100, 62)) == []
    assert list(faults(found, 100, 61.5)) == ["it is 62.0 % of the two together, and the limit is 61.5 %"]


def test_an_image_without_cuda_is_refused() -> None:
    assert list(faults({"bin/sh": 1}, 100, 99)) == [
        "it has none of CUDA's libraries, so that nothing was compared"
    ]
