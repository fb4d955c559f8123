"""NVIDIA's packages that apt would replace: made up, as no base of NVIDIA's can be had here; dpkg is real."""

from ..fault import ImageFault

_CONTROL = (
    "Package: cuda-cudart-13-0\\nVersion: 1.0\\nArchitecture: all\\nDescription: made up\\n"
    "Maintainer: cudatools <cudatools@nvidia.com>\\n"
)
INSTALLED = f"""RUN mkdir -p /made/DEBIAN && printf '{_CONTROL}' > /made/DEBIAN/control \\
    && dpkg-deb -b /made /made.deb && dpkg -i /made.deb"""

PACKAGES = (
    ImageFault(
        "not-held",
        "a package of NVIDIA's that is not held",
        ("packages.held",),
        lines=(INSTALLED,),
        changes={"source": "upstream"},
    ),
    ImageFault(
        "nothing-to-hold",
        "NVIDIA's list of packages, and no package that is known as NVIDIA's",
        ("packages.held",),
        lines=("RUN touch /etc/apt/sources.list.d/cuda-debian12-x86_64.list",),
        changes={"source": "upstream"},
    ),
)
