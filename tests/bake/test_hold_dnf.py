"""Which packages dnf is told to leave as they are.

No system with dnf can be had here: a stand-in for rpm prints what the manual of its `--queryformat` says,
`(none)` for a tag that a package does not have.
"""

import os
import subprocess
from pathlib import Path

from builder.bake import context

PACKAGES = context.path() / "dnf" / "packages"
CONF = "etc/dnf/dnf.conf"
NVIDIAS = (
    "cuda-cudart-13-0",
    "libcublas-13-0",
    "libcudnn9-cuda-13",
    "libnccl",
    "libnpp-13-0",
    "libnvjitlink-13-0",
)
OTHERS = ("libcurl", "libcurl-minimal", "libcue", "libnvme", "cups-libs", "glibc")


def held(root: Path, *packages: tuple[str, str], conf: str = "[main]\ngpgcheck=1\n") -> tuple[int, str, str]:
    """Exit status, what is excluded, and what is said, for packages with their vendors."""
    (root / "bin").mkdir()
    (root / CONF).parent.mkdir(parents=True)
    (root / CONF).write_text(conf)
    printed = "".join(f"{name}\t{vendor}\n" for name, vendor in packages)
    (root / "printed").write_text(printed)
    (root / "bin" / "rpm").write_text(f"#!/bin/sh\ncat {root}/printed\n")
    (root / "bin" / "rpm").chmod(0o755)
    script = f"set -euo pipefail; root={root}; . <(sed -n '/^hold() {{$/,/^}}$/p' {PACKAGES}); hold"
    path = f"{root}/bin:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-c", script], env={"PATH": path}, capture_output=True, text=True, check=False
    )
    lines = [line for line in (root / CONF).read_text().splitlines() if line.startswith("excludepkgs=")]
    return done.returncode, "".join(lines), done.stderr


def test_nvidias_packages_are_known_by_name_where_they_do_not_say_whose_they_are(tmp_path: Path) -> None:
    packages = [(name, "(none)") for name in (*NVIDIAS, *OTHERS)]
    assert held(tmp_path, *packages) == (0, f"excludepkgs={','.join(sorted(NVIDIAS))}", "")


def test_and_by_vendor_whatever_their_name(tmp_path: Path) -> None:
    packages = (("datacenter-tool", "NVIDIA CORPORATION"), ("libnccl", "NVIDIA"), ("glibc", "Rocky"))
    assert held(tmp_path, *packages) == (0, "excludepkgs=datacenter-tool,libnccl", "")


def test_a_system_without_them_has_nothing_to_hold(tmp_path: Path) -> None:
    assert held(tmp_path, ("glibc", "Rocky")) == (0, "", "")


def test_a_base_of_nvidias_in_which_none_is_found_is_refused(tmp_path: Path) -> None:
    (tmp_path / "etc/yum.repos.d").mkdir(parents=True)
    (tmp_path / "etc/yum.repos.d/cuda.repo").write_text("[cuda]\n")
    status, excluded, said = held(tmp_path, ("glibc", "Rocky"))
    assert (status, excluded) == (1, "")
    assert "none of those installed is known as NVIDIA's" in said


def test_a_configuration_in_which_it_cannot_be_said_is_refused(tmp_path: Path) -> None:
    status, excluded, said = held(tmp_path, ("libnccl", "NVIDIA"), conf="gpgcheck=1\n")
    assert (status, excluded) == (1, "")
    assert "no [main]" in said
