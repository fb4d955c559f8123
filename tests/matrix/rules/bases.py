"""Planted faults in bases."""

from datetime import date

from tests.matrix.rules.fault import Fault

NGC = "sources: {ngc-pytorch: {releases: {'25.09': {cuda: '13.0.1', torch: 2.9.0, python: '3.12'}}}}\n"

FAULTS = (
    Fault(
        "cuda-never-released",
        """
axes:
  cuda:
    - "13.2.1"
    - "12.7.0" # here
  os: ubuntu24.04
""",
        "CUDA 12.7.0 was never released",
        ("12.7.0", "12.8.1"),
    ),
    Fault(
        "cuda-never-released",
        """
include:
  - cuda: "13.4.0" # here
    os: ubuntu24.04
    source: wheels
""",
        "CUDA 13.4.0 was only a preview",
        ("13.4.0", "13.4.1"),
    ),
    Fault(
        "cuda-never-released",
        """
axes:
  cuda: twelve # here
  os: ubuntu24.04
""",
        "CUDA twelve was never released",
        ("twelve", '"12.8.1"'),
    ),
    Fault(
        "base-tag-unknown",
        """
axes:
  cuda: "12.2.0"
  os: ubuntu24.04 # here
""",
        "ubuntu24.04 has images from CUDA 12.5.1 to",
        ("24.04", "22.04"),
    ),
    Fault(
        "base-tag-unknown",
        """
axes:
  cuda: "12.8.1"
  os:
    - ubuntu22.04
    - debian12 # here
""",
        "nvidia/cuda has no images on debian12",
        ("debian12", "ubuntu24.04"),
    ),
    Fault(
        "base-tag-unknown",
        """
axes:
  cuda: "12.2.1"
  os: ubuntu22.04 # here
""",
        "CUDA 12.2.1 has no images",
        ("12.2.1", "12.2.2"),
    ),
    Fault(
        "base-tag-unknown",
        """
axes:
  cuda: "14.0.0"
  os: ubuntu24.04 # here
""",
        "CUDA 14.0.0 is newer than what is known",
        ("14.0.0", "13.2.1"),
        doubtful=True,
    ),
    Fault(
        "base-tag-unknown",
        """
sources:
  upstream: {repository: registry.acme.org/base-images}
axes:
  cuda: "12.2.0"
  os: ubuntu24.04 # here
""",
        "ubuntu24.04 has images from CUDA 12.5.1 to",
        ("12.2.0", "13.2.1"),
        doubtful=True,
    ),
    Fault(
        "base-tag-unknown",
        """
include:
  - {cuda: "13.0.1", os: ubuntu24.04, flavor: cudnn-devel, source: ngc-pytorch} # here
""",
        "no release under `sources.ngc-pytorch.releases` has CUDA 13.0.1 on ubuntu24.04",
        ("include:", f"{NGC}include:"),
    ),
    Fault(
        "base-platform-missing",
        """
axes:
  cuda: "12.6.3"
  os: amzn2023
  platform:
    - linux/amd64
    - linux/arm64 # here
""",
        "12.6.3-base-amzn2023 has no arm64, only amd64",
        ("    - linux/arm64 # here\n", ""),
    ),
    Fault(
        "cudnn-naming",
        """
axes:
  cuda: ["12.2.2", "12.4.1"]
  os: ubuntu22.04
  flavor:
    - base
    - cudnn8-devel # here
""",
        "CUDA 12.4.1 spells `cudnn8-devel` as `cudnn-devel`",
        ("cudnn8-devel", "cudnn-devel"),
    ),
    Fault(
        "cudnn-naming",
        """
include:
  - cuda: "12.2.2"
    os: ubuntu22.04
    flavor: cudnn9-runtime # here
""",
        "CUDA 12.2.2 spells `cudnn9-runtime` as `cudnn8-runtime`",
        ("cudnn9", "cudnn8"),
    ),
    Fault(
        "cudnn-unavailable",
        """
axes:
  cuda: "12.8.2"
  os: ubuntu24.04
  flavor: [base, cudnn-runtime] # here
""",
        "12.8.2 has no cuDNN flavor on ubuntu24.04; 12.8.1 has",
        ("12.8.2", "12.8.1"),
    ),
    Fault(
        "base-eol",
        """
axes:
  cuda: ["13.2.1", "12.8.1"] # here
  os: ubuntu24.04
""",
        "the images of CUDA 12.8.1 get no more patches since 2026-01-27",
        (', "12.8.1"', ""),
    ),
    Fault(
        "base-eol",
        """
axes:
  cuda: "13.2.1" # here
  os: ubuntu24.04
""",
        "since 2027-03-24",
        ("13.2.1", "13.0.3"),
        today=date(2027, 3, 25),
    ),
    Fault(
        "base-deletion-forecast",
        """
axes:
  cuda: "12.9.1" # here
  os: ubuntu24.04
""",
        "NVIDIA's policy lets it delete the tags of CUDA 12.9.1 from 2026-12-03 on",
        ("12.9.1", "13.2.1"),
    ),
    Fault(
        "os-eol",
        """
axes:
  cuda: "12.6.3"
  os: [ubuntu22.04, ubuntu20.04] # here
""",
        "free support of ubuntu20.04 ended on 2025-05-31; paid support ends 2030-04-02",
        (", ubuntu20.04", ""),
    ),
    Fault(
        "os-eol",
        """
axes: {cuda: cpu, os: debian12} # here
""",
        "free support of debian12 ended on 2026-07-11",
        ("debian12", "debian13"),
    ),
    Fault(
        "deprecated-repository",
        """
sources:
  upstream:
    repository: docker.io/nvidia/cuda-arm64 # here
axes: {cuda: "13.2.1", os: ubuntu24.04}
""",
        "docker.io/nvidia/cuda-arm64 is deprecated since 2021-08-05",
        ("nvidia/cuda-arm64", "nvidia/cuda"),
    ),
    Fault(
        "deprecated-repository",
        """
sources:
  upstream:
    repository: docker.io/nvidia/cuda
    mirrors:
      - mirror.acme.org/nvidia/cuda
      - mirror.acme.org/nvidia/cuda-ppc64le # here
axes: {cuda: "13.2.1", os: ubuntu24.04}
""",
        "nvidia/cuda-ppc64le is deprecated",
        ("-ppc64le", "-old"),
    ),
    Fault(
        "repo-key-unknown",
        """
axes:
  cuda: "13.2.1"
  os: suse16 # here
""",
        "no verified key is known for NVIDIA's packages for suse16",
        ("suse16", "ubuntu24.04"),
    ),
    Fault(
        "repo-key-wrong",
        """
axes:
  cuda: "11.2.2" # here
  os: ubuntu18.04
""",
        "its key for packages was 7FA2AF80 then, and is 3BF863CC since 2022-04-27",
        ("11.2.2", "12.1.0"),
    ),
    Fault(
        "repo-key-wrong",
        """
axes:
  cuda: "11.2.2" # here
  os: ubi8
""",
        "D42D0685",
        ("11.2.2", "12.8.1"),
    ),
)
