"""A torch that is missing, another, or broken."""

from ..fault import ImageFault
from .places import SITE

_TORCH_LANE = ("torch.version", "torch.build", "torch.numpy", "torch.cpu")
_WRONG_PRODUCT = (
    "multiply = Tensor.__matmul__; "
    "Tensor.__matmul__ = lambda a, b: multiply(a, b) * (1 if a.dtype == float64 else 1.01)"
)

TORCH = (
    ImageFault(
        "no-torch",
        "an image without torch declared with torch",
        _TORCH_LANE,
        changes={"torch": "2.13.0"},
        at_least=True,
    ),
    ImageFault(
        "other-torch",
        "the cell says torch 2.12.0",
        ("torch.version",),
        on="torch",
        changes={"torch": "2.12.0"},
    ),
    ImageFault(
        "cpu-only-torch",
        "a CPU-only torch in an image with CUDA",
        ("torch.build",),
        on="torch",
        changes={"cuda": "13.0.2", "source": "wheels", "libraries": ["cudart"]},
        at_least=True,
    ),
    ImageFault(
        "cuda-torch-in-cpu",
        "a torch built for CUDA in an image without",
        ("torch.build",),
        on="torch",
        lines=(f"RUN sed -i \"s/^cuda.*=.*/cuda = '13.0'/\" {SITE}/torch/version.py",),
    ),
    ImageFault(
        "torch-segfaults",
        "a torch that crashes when imported",
        _TORCH_LANE,
        on="torch",
        lines=(f"RUN echo 'import ctypes; ctypes.string_at(0)' > {SITE}/torch/__init__.py",),
        at_least=True,
    ),
    ImageFault(
        "torch-miscomputes",
        "a torch whose fp32 products are 1 % off",
        ("torch.cpu",),
        on="torch",
        lines=(f"RUN echo '{_WRONG_PRODUCT}' >> {SITE}/torch/__init__.py",),
    ),
    ImageFault(
        "no-numpy", "torch without NumPy", ("torch.numpy",), on="torch", lines=(f"RUN rm -r {SITE}/numpy*",)
    ),
    ImageFault(
        "broken-torchvision",
        "a torchvision without its operators",
        ("torch.vision",),
        on="torch",
        lines=(
            f"RUN mkdir {SITE}/torchvision && echo '__version__ = \"0\"' > {SITE}/torchvision/__init__.py",
        ),
    ),
)
