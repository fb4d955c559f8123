"""apt in an image leaves NVIDIA's packages as they are: tried with the real one, and newer packages."""

import os
from pathlib import Path

import pytest

from builder.bake import context
from builder.engine.client import connect

pytestmark = pytest.mark.engine

PACKAGES = context.path() / "apt" / "packages"
# `needs` is what a user may ask for without a thought of CUDA.
REPOSITORY = r"""
set -euo pipefail
make() {
  mkdir -p "/made/$1/DEBIAN"
  printf 'Package: %s\nVersion: %s\nMaintainer: %s\nArchitecture: all\nDescription: made up\n%s' "$@" \
    > "/made/$1/DEBIAN/control"
  dpkg-deb -b "/made/$1" "/repository/$1_$2.deb" > /dev/null
}
mkdir /repository
cuda='cudatools <cudatools@nvidia.com>' other='Somebody <somebody@example.com>'
make libcublas-13-0 1.0 "$cuda" ''
make tool 1.0 "$other" ''
dpkg -i /repository/*.deb > /dev/null
make libcublas-13-0 2.0 "$cuda" ''
make tool 2.0 "$other" ''
make needs 1.0 "$other" 'Depends: libcublas-13-0 (>= 2.0)
'
cd /repository
for file in *.deb; do
  dpkg-deb -f "$file"
  echo "Filename: ./$file"
  echo "Size: $(stat -c %s "$file")"
  echo "SHA256: $(sha256sum "$file" | cut -d' ' -f1)"
  echo
done > Packages
echo 'deb [trusted=yes] file:/repository ./' > /etc/apt/sources.list
rm -f /etc/apt/sources.list.d/*
apt-get -q update > /dev/null
"""
# The function that a build calls at its end, as it is written there.
HOLD = """
root=/
. <(sed -n '/^hold() {$/,/^}$/p' /packages)
hold
"""
SHOW = "\ndpkg-query -W -f '${Package} ${Version}\\n' libcublas-13-0 tool"


def tried(command: str, hold: str = HOLD) -> list[str]:
    """The packages, as they are after a command of the user's; `refused` first where it failed."""
    said = connect().run(
        f"{os.environ.get('CIB_REGISTRY', '127.0.0.1:5000')}/library/debian:12-slim",
        ["bash", "-c", f"{REPOSITORY}{hold}\n{{ {command}; }} > /dev/null 2>&1 || echo refused{SHOW}"],
        envs={"DEBIAN_FRONTEND": "noninteractive"},
        volumes=[(PACKAGES, Path("/packages"), "ro")],
        networks=["none"],
        remove=True,
    )
    assert isinstance(said, str)
    return said.splitlines()


def test_an_upgrade_passes_over_cuda() -> None:
    assert tried("apt-get -y dist-upgrade") == ["libcublas-13-0 1.0", "tool 2.0"]


@pytest.mark.parametrize("package", ["libcublas-13-0", "needs"])
def test_an_installation_that_would_replace_cuda_is_refused(package: str) -> None:
    assert tried(f"apt-get -y install {package}") == ["refused", "libcublas-13-0 1.0", "tool 1.0"]


def test_without_the_hold_all_of_that_would_happen() -> None:
    assert tried("apt-get -y install needs && apt-get -y upgrade", hold="") == [
        "libcublas-13-0 2.0",
        "tool 2.0",
    ]


def test_whoever_means_it_says_so() -> None:
    command = "apt-get -y --allow-change-held-packages install libcublas-13-0"
    assert tried(command) == ["libcublas-13-0 2.0", "tool 1.0"]
