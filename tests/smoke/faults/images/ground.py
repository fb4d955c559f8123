"""Another system, machine or Python than the cell says."""

from ..fault import ImageFault

GROUND = (
    ImageFault(
        "other-os",
        "os-release of another Debian",
        ("platform.os",),
        lines=("RUN sed -i 's/^VERSION_ID=.*/VERSION_ID=13/' /etc/os-release",),
    ),
    ImageFault("other-python", "the cell says Python 3.12", ("platform.python",), changes={"python": "3.12"}),
    ImageFault(
        "amd64-as-arm64",
        "amd64 bits published under linux/arm64",
        ("platform.machine",),
        changes={"machine": "aarch64"},
        platform="linux/arm64",
        at_least=True,
    ),
    ImageFault(
        "other-python-at-login",
        "login shells with the PATH that the system gives them",
        ("platform.login",),
        lines=("RUN rm /etc/profile.d/cuda-image-builder.sh",),
    ),
    ImageFault(
        "no-nvcc-at-login",
        "login shells with the image's python3, and without its nvcc",
        ("platform.login",),
        on="devel",
        lines=("RUN echo PATH=/opt/venv/bin:/usr/bin:/bin > /etc/profile.d/cuda-image-builder.sh",),
    ),
    ImageFault(
        "python-in-bare",
        "a Python in an image that does without",
        ("platform.no-python",),
        on="bare",
        lines=("RUN install -D /bin/true /opt/other/bin/python3.12",),
    ),
    ImageFault(
        "python-declared-none",
        "an image with a Python declared without",
        ("platform.no-python",),
        changes={"python": ""},
    ),
)
