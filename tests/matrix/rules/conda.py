"""Planted faults in environments of conda's."""

from tests.matrix.rules.fault import Fault

_UPSTREAM = """
axes: {cuda: "12.6.3", os: ubuntu24.04, env: conda, torch: "2.7.1", python: "3.12"}
conda: {environment: environment.yml}
"""
_OLD = _UPSTREAM.replace("2.7.1", "2.5.1")
_CPU = """
axes: {cuda: cpu, os: debian12, env: conda}
conda: {environment: environment.yml}
"""


def _file(line: str) -> str:
    return f"channels: [conda-forge]\ndependencies:\n  - scipy\n  - {line}\n"


FAULTS = (
    Fault(
        "conda-file-contradicts",
        _UPSTREAM,
        "`cuda-version=11.8` contradicts the cell, which has CUDA 12.6.3",
        ("=11.8", "=12.6"),
        environment=_file("cuda-version=11.8 # here"),
    ),
    Fault(
        "conda-file-contradicts",
        _UPSTREAM,
        "`cuda-toolkit >=12.8,<13` contradicts the cell, which has CUDA 12.6.3",
        (">=12.8", ">=12.4"),
        environment=_file("cuda-toolkit >=12.8,<13 # here"),
    ),
    Fault(
        "conda-file-contradicts",
        _OLD,
        "`pytorch-cuda=11.8` contradicts the cell, which has CUDA 12.6.3",
        ("=11.8", "=12.4"),
        environment=_file("pytorch-cuda=11.8 # here"),
    ),
    Fault(
        "conda-file-contradicts",
        _CPU,
        "`cuda-version` contradicts the cell, which has no CUDA",
        ("cuda-version", "numpy"),
        environment=_file("cuda-version # here"),
    ),
    Fault(
        "conda-file-contradicts",
        _UPSTREAM,
        "`python 3.11.*` contradicts the cell, which has Python 3.12",
        ("3.11.*", "3.12.*"),
        environment=_file("python 3.11.* # here"),
    ),
    Fault(
        "conda-file-contradicts",
        _UPSTREAM,
        "`pytorch==2.6.0` contradicts the cell, which has torch 2.7.1",
        ("2.6.0", "2.7.1"),
        environment=_file("pytorch==2.6.0 # here"),
    ),
    Fault(
        "conda-file-invalid",
        _CPU,
        "packages of pip's are not locked here",
        ("pip: [requests]", "requests"),
        environment=_file("pip: [requests] # here"),
    ),
    Fault(
        "conda-file-invalid",
        _CPU,
        "`https://example.org/x` is no channel",
        ("https://example.org/x", "bioconda"),
        environment="channels:\n  - https://example.org/x # here\n",
    ),
    Fault(
        "conda-file-invalid",
        _CPU,
        "`scipy[build=x]` is no dependency",
        ('"scipy[build=x]"', "scipy"),
        environment=_file('"scipy[build=x]" # here'),
    ),
    Fault(
        "conda-file-invalid",
        _CPU,
        "`variables` is not supported",
        ("variables", "name"),
        environment="dependencies: [scipy]\nvariables: x # here\n",
    ),
    Fault(
        "conda-file-invalid",
        _CPU,
        "`dependencies` is no list",
        ("scipy", "[scipy]"),
        environment="dependencies: scipy # here\n",
    ),
    Fault(
        "conda-file-invalid",
        _CPU,
        "it is no environment file",
        ("- scipy", "dependencies: [scipy]"),
        environment="- scipy # here\n",
    ),
    Fault(
        "conda-impossible",
        """
include:
  - {cuda: "13.0.2", os: debian12, source: wheels, env: conda} # here
""",
        "the source `wheels` puts CUDA into a virtual environment",
        ("env: conda", "env: pip"),
    ),
    Fault(
        "conda-impossible",
        """
sources: {ngc-pytorch: {releases: {"25.09": {cuda: "13.0.1", torch: "2.9.0a0", python: "3.12"}}}}
include:
  - {cuda: "13.0.1", os: ubuntu24.04, flavor: cudnn-devel, source: ngc-pytorch, env: conda} # here
""",
        "the source `ngc-pytorch` brings a Python and a torch of its own",
        (", env: conda", ""),
    ),
    Fault(
        "conda-impossible",
        """
include:
  - {cuda: cpu, os: ubuntu20.04, python: "3.12", env: conda} # here
""",
        "ubuntu20.04 has no Python that can unpack conda's packages",
        ("ubuntu20.04", "ubuntu22.04"),
    ),
)
