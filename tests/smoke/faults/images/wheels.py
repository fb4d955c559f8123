"""Wheels that are incomplete, or that nothing guards."""

from ..fault import ImageFault
from .places import SITE

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
        "missing-dependency",
        "a package of torch's removed",
        ("wheels.consistent",),
        on="torch",
        lines=(f"RUN rm -r {SITE}/networkx-*",),
    ),
)
