"""What a release index says of its images."""

import subprocess
from datetime import date
from pathlib import Path

import pytest

from builder.bake.labels import OCI
from builder.facts import cuda
from builder.model.cell import Cell, Flavor, Source
from builder.pipeline.inputs.origin import origin, web_address
from builder.release.notes import EOL, GPUS, MIN_DRIVER, end_of_life, notes
from tests.servers.images import AMD64, ARM64


def cell(platform: object = AMD64, **changes: object) -> Cell:
    """A devel image of CUDA 13.0.2."""
    told = {"source": Source.WHEELS, "cuda": "13.0.2", "flavor": Flavor.DEVEL, "os": "debian12", **changes}
    return Cell(platform=platform, **told)  # type: ignore[arg-type]


def test_the_driver_and_the_gpus_are_those_of_the_tables() -> None:
    told = notes([cell(), cell(ARM64)])
    known = cuda.release("13.0.2")
    assert known
    assert told[MIN_DRIVER] == known.minor_driver
    assert told[GPUS] == ";".join(known.sm)


def test_platforms_whose_torch_was_built_for_other_gpus_are_told_apart() -> None:
    told = notes([cell(torch="2.9.1", cuda="13.0.2"), cell(ARM64, torch="2.9.1", cuda="13.0.2")])
    assert told[GPUS].startswith("linux/amd64=")
    assert " linux/arm64=" in told[GPUS]


def test_an_image_without_cuda_needs_no_driver_and_ends_with_its_system() -> None:
    told = notes([cell(source=Source.CPU, cuda="", os="ubuntu22.04")])
    assert set(told) == {EOL}
    assert date.fromisoformat(told[EOL]) == end_of_life("", "ubuntu22.04")


def test_the_earlier_end_counts() -> None:
    both = end_of_life("12.6.3", "ubuntu24.04")
    alone = end_of_life("", "ubuntu24.04")
    assert both
    assert alone
    assert both < alone
    assert end_of_life("0.0", "no-such-system") is None


@pytest.mark.parametrize(
    ("remote", "address"),
    [
        ("https://github.com/acme/cuda.git", "https://github.com/acme/cuda"),
        ("https://user:planted-token@github.com/acme/cuda", "https://github.com/acme/cuda"),
        ("git@github.com:acme/cuda.git", "https://github.com/acme/cuda"),
        ("ssh://git@github.com:22/acme/cuda.git", "https://github.com/acme/cuda"),
        ("/srv/git/cuda.git", ""),
        ("file:///srv/git/cuda.git", ""),
        ("", ""),
    ],
)
def test_the_address_of_a_remote(remote: str, address: str) -> None:
    assert web_address(remote) == address


def test_the_origin_is_what_git_knows(tmp_path: Path) -> None:
    def git(*arguments: str) -> str:
        done = subprocess.run(
            ["git", "-C", str(tmp_path), *arguments], check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    git("init", "-q")
    assert origin(tmp_path) == {}
    git("-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "--allow-empty", "-m", "first")
    git("remote", "add", "origin", "git@github.com:acme/cuda.git")
    assert origin(tmp_path) == {
        f"{OCI}source": "https://github.com/acme/cuda",
        f"{OCI}revision": git("rev-parse", "HEAD"),
    }
