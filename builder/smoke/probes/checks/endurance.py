"""The slow checks of the profile `full`."""

from __future__ import annotations

import importlib
from typing import Any

from builder.smoke.probes.check import Check, Failed, check
from builder.smoke.probes.promise import Facts, Promise


def _full(promise: Promise) -> bool:
    return promise.gpu and bool(promise.torch) and promise.profile == "full"


def _compiles(promise: Promise) -> bool:
    return _full(promise) and promise.compiler


@check(
    "work.compile", "torch.compile makes a kernel that agrees", lane="inductor", limit=240, wanted=_compiles
)
def compiled(_promise: Promise, _facts: Facts) -> str:
    """Through Triton, which needs the image's C compiler."""
    torch = _torch()

    def function(x: Any, y: Any) -> Any:
        return torch.nn.functional.gelu(x * 2 + y).sum(dim=-1)

    x, y = torch.randn(64, 128), torch.randn(64, 128)
    seen = torch.compile(function)(x.cuda(), y.cuda())
    wanted = function(x.double(), y.double())
    error = float((seen.double().cpu() - wanted).norm() / wanted.norm())
    if not error < 1e-5:  # noqa: PLR2004  fp32 over sums of 128
        raise Failed(f"relative error {error:.1e}")
    return f"relative error {error:.1e}"


@check(
    "work.allocator",
    "torch can have 80 % of each GPU's free memory, use it, and give it back",
    lane="torch",
    limit=120,
    wanted=_full,
)
def allocator(promise: Promise, _facts: Facts) -> str:
    """Writes all of it, and reads from both ends."""
    torch = _torch()
    sizes = []
    for index in range(promise.gpus):
        torch.cuda.empty_cache()
        reserved = torch.cuda.memory_reserved(index)
        free, _ = torch.cuda.mem_get_info(index)
        block = torch.empty(int(free * 0.8), dtype=torch.uint8, device=f"cuda:{index}").fill_(171)
        if [int(block[0]), int(block[-1])] != [171, 171]:
            raise Failed(f"GPU {index} lost what was written")
        sizes.append(block.numel())
        del block
        torch.cuda.empty_cache()
        # By torch's own count: the other lane's process takes and gives GPU memory meanwhile.
        if kept := torch.cuda.memory_reserved(index) - reserved:
            raise Failed(f"GPU {index} kept {kept >> 20} MiB")
    return ", ".join(f"{size >> 20} MiB" for size in sizes)


@check("work.collective", "NCCL adds up tensors over all GPUs", lane="torch", limit=120, wanted=_full)
def collective(promise: Promise, _facts: Facts) -> str:
    """One communicator over every GPU that the container has, be it a single one."""
    torch = _torch()
    devices = [f"cuda:{index}" for index in range(promise.gpus)]
    shares = [torch.full((1 << 20,), index + 1.0, device=device) for index, device in enumerate(devices)]
    torch.cuda.nccl.all_reduce(shares)
    wanted = float(sum(range(1, promise.gpus + 1)))
    for index, share in enumerate(shares):
        torch.cuda.synchronize(index)
        if not bool((share == wanted).all()):
            raise Failed(f"GPU {index} has {share[0].item()} instead of {wanted}")
    return f"{promise.gpus} GPUs, NCCL {'.'.join(str(part) for part in torch.cuda.nccl.version())}"


@check(
    "work.loader",
    "a data loader's workers hand over batches through the container's shared memory",
    lane="torch",
    limit=120,
    wanted=_full,
)
def loader(_promise: Promise, _facts: Facts) -> str:
    """Two forked workers, pinned batches."""
    torch = _torch()
    rows = torch.arange(64 << 10, dtype=torch.float32).reshape(64, -1)
    batches = torch.utils.data.DataLoader(
        torch.utils.data.TensorDataset(rows),
        batch_size=8,
        num_workers=2,
        pin_memory=True,
        multiprocessing_context="fork",
    )
    seen = torch.cat([batch.cuda() for (batch,) in batches])
    if not torch.equal(seen.cpu(), rows):
        raise Failed("other rows came out than went in")
    return f"{len(rows)} rows"


def _torch() -> Any:
    return importlib.import_module("torch")


CHECKS: tuple[Check, ...] = (compiled, allocator, collective, loader)
