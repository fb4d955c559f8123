"""Planted faults in what comes as wheels."""

from tests.matrix.rules.fault import Fault

FAULTS = (
    Fault(
        "torch-cuda-mismatch",
        """
axes:
  cuda: "13.2.1"
  os: ubuntu24.04
  torch: "2.8.0" # here
""",
        "torch 2.8.0 for amd64 has cu126, cu128, cu129, none of CUDA 13",
        ("2.8.0", "2.14.1"),
    ),
    Fault(
        "torch-cuda-mismatch",
        """
axes:
  cuda: "13.0.3"
  os: ubuntu24.04
  torch:
    - "2.14.1"
    - "2.13.7" # here
""",
        "torch 2.13.7 is not among the known releases",
        ("2.13.7", "2.13.0"),
    ),
    Fault(
        "torch-cuda-mismatch",
        """
axes: {cuda: "13.0.3", os: ubuntu24.04, torch: "2.99.0"} # here
""",
        "torch 2.99.0 is not among the known releases",
        ("2.99.0", "2.14.1"),
        doubtful=True,
    ),
    Fault(
        "torch-cuda-mismatch",
        """
axes: {cuda: "13.0.3", os: ubuntu24.04, torch: "2.14.1"}
override:
  - match: {platform: linux/arm64}
    set:
      torch: "2.8.0" # here
    reason: x
""",
        "torch 2.8.0 for arm64 has cu129, none of CUDA 13",
        ("2.8.0", "2.13.0"),
    ),
    Fault(
        "torch-arch-missing",
        """
axes:
  cuda: "12.4.1"
  os: ubuntu22.04
  torch: "2.5.1" # here
""",
        "torch 2.5.1 has no CUDA wheel for arm64, only a CPU one",
        ('"2.5.1"', '"2.5.1"\n  platform: linux/amd64'),
    ),
    Fault(
        "torch-python-mismatch",
        """
axes: {cuda: "13.0.3", os: rockylinux9, torch: "2.14.1", python: "3.9"} # here
""",
        "torch 2.14.1 has no wheel for Python 3.9 on amd64, only for 3.10, 3.11",
        ('"3.9"', '"3.12"'),
    ),
    Fault(
        "torch-python-mismatch",
        """
axes:
  cuda: "13.2.1"
  os: ubuntu22.04
  torch: "2.15.0"
  python: os # here
""",
        "torch 2.15.0 has no wheel for Python 3.10",
        ("2.15.0", "2.14.1"),
    ),
    Fault(
        "torch-pair",
        """
axes: {cuda: "13.0.3", os: ubuntu24.04, torch: "2.14.1"}
companions: [torchaudio, torchvision==0.28.0] # here
""",
        "torchvision 0.28.0 does not go with torch 2.14.1",
        ("==0.28.0", ""),
    ),
    Fault(
        "torch-pair",
        """
axes: {cuda: "12.8.1", os: ubuntu24.04, torch: "2.9.1"}
companions: torchaudio
override:
  - match: {platform: linux/arm64}
    set:
      companions: torchaudio==2.8.0 # here
    reason: x
""",
        "torchaudio 2.8.0 does not go with torch 2.9.1",
        ("2.8.0", "2.9.1"),
    ),
    Fault(
        "glibc-too-old",
        """
axes:
  cuda: "11.8.0"
  os: [ubuntu18.04, ubuntu22.04] # here
  torch: "2.7.1"
  platform: linux/amd64
""",
        "ubuntu18.04 has glibc 2.27, and the wheels of torch 2.7.1 need 2.28",
        ("ubuntu18.04, ", ""),
    ),
    Fault(
        "cuda-libs-duplicated",
        """
axes:
  cuda: "13.0.3"
  os: ubuntu24.04
  torch: "2.14.1"
  flavor:
    - base
    - runtime # here
""",
        "the base's flavor `runtime` and torch's wheels each bring CUDA's libraries",
        ("    - runtime # here\n", ""),
    ),
    Fault(
        "component-drift",
        """
include:
  - cuda: "13.0.2" # here
    os: debian13
    source: wheels
    torch: "2.14.1"
""",
        "torch 2.14.1 requires cuda-toolkit 13.0.3, and the cell pins 13.0.2",
        ("13.0.2", "13.0.3"),
    ),
    Fault(
        "python-from-os",
        """
axes: {cuda: "13.0.3", os: ubuntu24.04, python: "3.13"} # here
""",
        "ubuntu24.04 has Python 3.12, not 3.13",
        ("3.13", "3.12"),
    ),
    Fault(
        "python-from-os",
        """
axes: {cuda: cpu, os: debian12, python: "3.13", env: pip} # here
""",
        "debian12 has Python 3.11, not 3.13",
        ("env: pip", "env: uv"),
    ),
    Fault(
        "uv-impossible",
        """
axes: {cuda: cpu, os: debian12, python: "3.13.4", env: uv} # here
""",
        "`3.13.4` is no version of Python as `3.12`; the lock has the whole one",
        ("3.13.4", "3.13"),
    ),
    Fault(
        "uv-impossible",
        """
axes: {cuda: cpu, os: debian12, python: "3.7", env: uv} # here
""",
        "Python 3.7 is older than 3.8",
        ("3.7", "3.9"),
    ),
    Fault(
        "uv-impossible",
        """
axes: {cuda: cpu, os: debian12, platform: linux/ppc64le, env: uv} # here
""",
        "uv manages no Python for linux/ppc64le",
        ("linux/ppc64le", "linux/arm64"),
    ),
    Fault(
        "uv-impossible",
        """
include:
  - {cuda: cpu, os: centos8, python: "3.12", env: uv} # here
""",
        "centos8 has no Python that uv can be installed with",
        ("centos8", "rockylinux8"),
    ),
    Fault(
        "uv-impossible",
        """
sources: {ngc-pytorch: {releases: {"25.09": {cuda: "13.0.1", torch: "2.9.0a0", python: "3.12"}}}}
include:
  - {cuda: "13.0.1", os: ubuntu24.04, flavor: cudnn-devel, source: ngc-pytorch, env: uv} # here
""",
        "the source `ngc-pytorch` brings a Python and a torch of its own",
        (", env: uv", ""),
    ),
    Fault(
        "python-from-os",
        """
axes:
  cuda: "12.9.1"
  os: opensuse15 # here
  platform: linux/amd64
""",
        "opensuse15 has no known Python",
        ("opensuse15", "ubuntu24.04"),
    ),
    Fault(
        "wheels-incomplete",
        """
include:
  - cuda: "12.8.1" # here
    os: debian13
    source: wheels
""",
        "CUDA 12.8.1 cannot come from wheels: they are complete from 13.0 on",
        ("12.8.1", "13.0.3"),
    ),
    Fault(
        "python-from-os",
        """
axes:
  cuda: "12.8.1"
  os: rockylinux8 # here
""",
        "Python 3.6 of rockylinux8 is older than 3.8",
        ("# here", "\n  python: '3.12'"),
    ),
    Fault(
        "python-needed",
        """
axes:
  cuda: "13.0.3"
  os: ubuntu24.04
  torch: "2.14.1"
  python: none # here
""",
        "torch 2.14.1 is a package of Python's",
        ('torch: "2.14.1"', "torch: none"),
    ),
    Fault(
        "python-needed",
        """
include:
  - {cuda: cpu, os: debian12, python: none, env: conda} # here
""",
        "`env: conda` brings a Python",
        (", env: conda", ""),
    ),
    Fault(
        "python-needed",
        """
sources: {ngc-pytorch: {releases: {"25.09": {cuda: "13.0.1", torch: "2.9.0a0", python: "3.12"}}}}
include:
  - {cuda: "13.0.1", os: ubuntu24.04, flavor: cudnn-devel, source: ngc-pytorch, python: none} # here
""",
        "the source `ngc-pytorch` brings a Python",
        (", python: none", ""),
    ),
    Fault(
        "python-needed",
        """
axes: {cuda: "13.0.3", os: rockylinux9}
override:
  - match: {platform: linux/arm64}
    set:
      python: none # here
    reason: x
""",
        "dnf, with which rockylinux9 installs, is written in Python",
        ("rockylinux9", "ubuntu24.04"),
    ),
    Fault(
        "python-needed",
        """
axes:
  cuda: cpu
  os: debian11
  python: none # here
""",
        "debian11 has no Python of its own that could be lent to the test",
        ("debian11", "debian12"),
    ),
)
