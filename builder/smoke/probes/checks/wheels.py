"""The Python layer: torch and what belongs to it."""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util

from builder.smoke.probes.check import Check, Failed, check, with_torch
from builder.smoke.probes.promise import Facts, Promise
from builder.smoke.probes.requirements import unmet


@check(
    "torch.version", "torch imports and is the promised release", lane="torch", limit=90, wanted=with_torch
)
def version(promise: Promise, facts: Facts) -> str:
    """Compares the public part of the version, and the local part where the cell names one."""
    torch = importlib.import_module("torch")
    seen = facts["torch"] = str(torch.__version__)
    if promise.torch not in (seen, seen.partition("+")[0]):
        raise Failed(f"torch is {seen}, the cell says {promise.torch}")
    return seen


@check(
    "torch.build",
    "torch is built for the image's CUDA, or for none where the image has none",
    lane="torch",
    limit=90,
    wanted=with_torch,
)
def build(promise: Promise, _facts: Facts) -> str:
    """torch's CUDA and the image's share the major version; a minor version of torch's own is compatible."""
    torch = importlib.import_module("torch")
    seen = torch.version.cuda or ""
    if not promise.cuda:
        if seen:
            raise Failed(f"torch is built for CUDA {seen}, and the image has none")
        return "without CUDA, as promised"
    if not seen or not torch.backends.cuda.is_built():
        raise Failed("torch is a CPU-only build")
    if seen.split(".")[0] != promise.cuda.split(".")[0]:
        raise Failed(f"torch is built for CUDA {seen}, the image has {promise.cuda}")
    if promise.source == "wheels" and seen != promise.cuda_minor:
        raise Failed(f"torch is built for CUDA {seen}, and shares its libraries with {promise.cuda}")
    return f"CUDA {seen} for {' '.join(torch.cuda.get_arch_list())}"


@check("torch.numpy", "arrays go from torch to NumPy and back", lane="torch", limit=90, wanted=with_torch)
def numpy(_promise: Promise, _facts: Facts) -> str:
    """A torch built against another NumPy ABI imports well and fails here."""
    torch = importlib.import_module("torch")
    array = torch.arange(6, dtype=torch.float32).reshape(2, 3).numpy()
    back = torch.from_numpy(array.T.copy())
    if back.tolist() != [[0.0, 3.0], [1.0, 4.0], [2.0, 5.0]]:
        raise Failed(f"came back as {back.tolist()}")
    return f"NumPy {importlib.metadata.version('numpy')}"


@check(
    "torch.cpu",
    "torch computes on the CPU: products agree with fp64 and training lowers a loss",
    lane="torch",
    limit=90,
    wanted=with_torch,
)
def cpu(_promise: Promise, _facts: Facts) -> str:
    """On fresh random inputs."""
    torch = importlib.import_module("torch")
    a, b = torch.randn(64, 96), torch.randn(96, 32)
    wanted = a.double() @ b.double()
    error = float((a @ b - wanted).norm() / wanted.norm())
    if not error < 1e-5:  # noqa: PLR2004  fp32 has 24 bits; 96 terms lose a few
        raise Failed(f"relative error {error:.1e} of a product")
    weights = torch.zeros(96, 32, requires_grad=True)
    losses = []
    for _ in range(5):
        loss = ((a @ weights - wanted.float()) ** 2).mean()
        losses.append(loss.item())
        (gradient,) = torch.autograd.grad(loss, weights)
        weights = (weights - 2 * gradient).detach().requires_grad_()
    if not losses[-1] < losses[0]:
        raise Failed(f"the loss went {losses}")
    return f"relative error {error:.1e}, loss {losses[0]:.3g} to {losses[-1]:.3g}"


@check(
    "torch.vision",
    "torchvision's own operators load and work, where it is installed",
    lane="torch",
    limit=90,
    wanted=with_torch,
)
def vision(_promise: Promise, _facts: Facts) -> str:
    """A torchvision of another torch release imports with a warning and has no operators."""
    if importlib.util.find_spec("torchvision") is None:
        return "torchvision is not installed"
    torch, torchvision = importlib.import_module("torch"), importlib.import_module("torchvision")
    boxes = torch.tensor([[0.0, 0, 10, 10], [1, 1, 10, 10], [20, 20, 30, 30]])
    kept = torchvision.ops.nms(boxes, torch.tensor([0.9, 0.8, 0.7]), 0.5).tolist()
    if kept != [0, 2]:
        raise Failed(f"nms kept {kept}")
    return str(torchvision.__version__)


@check(
    "wheels.consistent",
    "every installed Python package has the packages it asks for",
    lane="wheels",
    limit=60,
    wanted=lambda promise: bool(promise.torch) and promise.env != "conda",
)
def consistent(_promise: Promise, _facts: Facts) -> str:
    """What `pip check` looks at, in images that have no pip too."""
    if missing := list(unmet()):
        raise Failed("; ".join(missing))
    return f"{sum(1 for _ in importlib.metadata.distributions())} packages"


CHECKS: tuple[Check, ...] = (version, build, numpy, cpu, vision, consistent)
