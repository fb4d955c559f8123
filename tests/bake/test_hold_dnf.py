"""dnf in an image leaves NVIDIA's packages as they are: tried with the real one, and newer packages.

No system with dnf can be had here; Debian has dnf and rpm, and these get a root of their own.
"""

import os
from pathlib import Path

import pytest

from builder.bake import context
from builder.engine.client import connect

pytestmark = pytest.mark.engine

PACKAGES = context.path() / "dnf" / "packages"
# Not every package says whose it is. `needs` is what a user may ask for without a thought of CUDA.
REPOSITORY = r"""
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive
{ apt-get -q update && apt-get -q install -y --no-install-recommends createrepo-c dnf rpm; } > /dev/null 2>&1
make() {
  {
    printf 'Name: %s\nVersion: %s\nRelease: 1\nSummary: made up\nLicense: none\nBuildArch: noarch\n' "$1" "$2"
    printf '%b%%description\nmade up\n%%files\n' "$3"
  } > /made.spec
  rpmbuild -bb --quiet --define '_rpmdir /repository' /made.spec 2> /dev/null
}
release() {
  make cuda-cudart-13-0 "$1" ''
  make libcublas-13-0 "$1" ''
  make datacenter-tool "$1" 'Vendor: NVIDIA CORPORATION\n'
  make libcurl "$1" 'Vendor: Rocky Enterprise Software Foundation\n'
  make libnvme "$1" ''
}
mkdir -p /repository /image/etc/dnf /image/etc/yum.repos.d
release 1.0
rpm --root /image -i --nodeps /repository/noarch/*.rpm 2> /dev/null
release 2.0
make needs 1.0 'Requires: libcublas-13-0 >= 2.0\n'
createrepo_c -q /repository
printf '[main]\ngpgcheck=0\n' > /image/etc/dnf/dnf.conf
printf '[made]\nname=made\nbaseurl=file:///repository\n' > /image/etc/yum.repos.d/made.repo
hold() {
  local function='. <(sed -n "/^hold() {$/,/^}$/p" /packages)'
  bash -euo pipefail -c "root=/tried; $function; hold" 2>&1 || echo refused
}
ask() {
  dnf -q -y -c /tried/etc/dnf/dnf.conf --installroot /tried --releasever 1 "$@" &> /dev/null || echo refused
}
drop() { rpm --root /tried -e --nodeps cuda-cudart-13-0 datacenter-tool libcublas-13-0; }
show() { rpm --root /tried -qa --qf '%{NAME} %{VERSION}\n' | sort; }
"""
OLD = ["cuda-cudart-13-0 1.0", "datacenter-tool 1.0", "libcublas-13-0 1.0"]
SCENARIOS = {
    "upgrade": "hold; ask upgrade; show",
    "install": "hold; ask install needs; show",
    "meant": "hold; ask --disableexcludes=all install needs; show",
    "free": "ask install needs; ask upgrade; show",
    "unlisted": "drop; hold",
    "listed": "drop; touch /tried/etc/yum.repos.d/cuda.repo; hold",
    "no main": "sed -i '/main/d' /tried/etc/dnf/dnf.conf; hold",
}


@pytest.fixture(scope="module")
def tried() -> dict[str, list[str]]:
    """What is said in each scenario; one container makes them all, as it has dnf to install first."""
    steps = (f"rm -rf /tried; cp -a /image /tried; echo '== {name}'; {SCENARIOS[name]}" for name in SCENARIOS)
    said = connect().run(
        f"{os.environ.get('CIB_REGISTRY', '127.0.0.1:5000')}/library/debian:12-slim",
        ["bash", "-c", "\n".join((REPOSITORY, *steps))],
        volumes=[(PACKAGES, Path("/packages"), "ro")],
        networks=["host"],
        remove=True,
    )
    assert isinstance(said, str)
    sections = (section.splitlines() for section in said.split("== ")[1:])
    return {name: lines for name, *lines in sections}


def test_an_upgrade_passes_over_cuda_and_over_nothing_else(tried: dict[str, list[str]]) -> None:
    assert tried["upgrade"] == [*OLD, "libcurl 2.0", "libnvme 2.0"]


def test_an_installation_that_would_replace_cuda_is_refused(tried: dict[str, list[str]]) -> None:
    assert tried["install"] == ["refused", *OLD, "libcurl 1.0", "libnvme 1.0"]


def test_whoever_means_it_says_so(tried: dict[str, list[str]]) -> None:
    assert {"libcublas-13-0 2.0", "needs 1.0"} <= set(tried["meant"])


def test_without_the_hold_all_of_that_would_happen(tried: dict[str, list[str]]) -> None:
    assert set(OLD).isdisjoint(tried["free"])
    assert "needs 1.0" in tried["free"]


def test_a_system_without_them_has_nothing_to_hold(tried: dict[str, list[str]]) -> None:
    assert tried["unlisted"] == []


def test_a_base_of_nvidias_in_which_none_is_found_is_refused(tried: dict[str, list[str]]) -> None:
    assert "none of those installed is known as NVIDIA's" in tried["listed"][0]
    assert tried["listed"][1:] == ["refused"]


def test_a_configuration_in_which_it_cannot_be_said_is_refused(tried: dict[str, list[str]]) -> None:
    assert tried["no main"] == ["packages: dnf.conf has no [main]", "refused"]
