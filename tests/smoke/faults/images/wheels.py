"""Wheels that are incomplete, or that nothing guards."""

from ..fault import ImageFault
from .places import SITE

# Installed and kept as our images have their packages, and nothing said of its twins.
TWIN = f"""RUN made={SITE}/nvidia_nccl_cu13-1.0.dist-info && mkdir $made \\
    && printf 'Metadata-Version: 2.1\\nName: nvidia-nccl-cu13\\nVersion: 1.0\\n' > $made/METADATA \\
    && echo 'nvidia-nccl-cu13===1.0' >> /opt/venv/constraints.txt \\
    && sed -i '1a "nvidia-nccl-cu13===1.0",' /etc/uv/uv.toml"""

WHEELS = (
    ImageFault(
        "guard-off",
        "an image whose constraints pip is not told of",
        ("wheels.guarded",),
        lines=("ENV PIP_CONSTRAINT=",),
    ),
    ImageFault(
        "guard-with-a-gap",
        "a package of CUDA without a constraint",
        ("wheels.guarded",),
        lines=("RUN sed -i '/nvidia-cuda-runtime/d' /opt/venv/constraints.txt",),
    ),
    ImageFault(
        "guard-ignored",
        "a pip that does not look at its constraints",
        ("wheels.guarded",),
        lines=(f"RUN sed -i '1i import os; os.environ.pop(\"PIP_CONSTRAINT\")' {SITE}/pip/__main__.py",),
    ),
    ImageFault(
        "guard-without-uv",
        "constraints that uv forgets as soon as it is given others",
        ("wheels.guarded",),
        lines=("RUN rm /etc/uv/uv.toml",),
    ),
    ImageFault(
        "guard-without-twins",
        "nothing that keeps a package for another CUDA out, whose files are called the same",
        ("wheels.guarded",),
        lines=(TWIN,),
    ),
    ImageFault(
        "missing-dependency",
        "a package of torch's removed",
        ("wheels.consistent",),
        on="torch",
        lines=(f"RUN rm -r {SITE}/networkx-*",),
    ),
)
