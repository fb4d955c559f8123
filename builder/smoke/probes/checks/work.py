"""Real work through torch on the GPU, each result compared with what the CPU computes in fp64."""

from __future__ import annotations

import importlib
import math
from typing import Any

from builder.smoke.probes.check import Check, Failed, check, torch_on_gpu
from builder.smoke.probes.promise import Facts, Promise

# Relative errors (Frobenius norm) allowed to a type. tf32 sits well above fp32, so that the one cannot pass
# for the other; Winograd convolutions cost fp32 a digit.
_TOLERANCE = {"float32": 5e-5, "tf32": 3e-3, "bfloat16": 1e-2, "float16": 4e-3}


@check(
    "work.available",
    "torch sees the GPUs and has code for them",
    lane="torch",
    limit=60,
    wanted=torch_on_gpu,
)
def available(promise: Promise, facts: Facts) -> str:
    """Says what torch says when it does not."""
    torch = _torch()
    torch.cuda.init()  # raises with the reason, which is_available() swallows
    count = torch.cuda.device_count()
    if not torch.cuda.is_available() or count != promise.gpus:
        raise Failed(f"torch sees {count} GPUs instead of {promise.gpus}")
    compiled = torch.cuda.get_arch_list()
    for index in range(count):
        capability = torch.cuda.get_device_capability(index)
        if not _covers(compiled, capability):
            raise Failed(f"no code for {torch.cuda.get_device_name(index)} {capability} in {compiled}")
    facts["torch-cudnn"] = str(torch.backends.cudnn.version())
    return f"{count} GPUs, cuDNN {facts['torch-cudnn']}"


@check(
    "work.matmul",
    "matrix products in fp32, tf32, bf16 and fp16 agree with fp64",
    lane="torch",
    limit=60,
    wanted=torch_on_gpu,
)
def matmul(_promise: Promise, _facts: Facts) -> str:
    """On fresh random inputs; the reference sees the same rounded inputs."""
    torch = _torch()
    errors = {}
    for name in _TOLERANCE:
        tf32 = name == "tf32"
        dtype = torch.float32 if tf32 else getattr(torch, name)
        a, b = torch.randn(256, 512).to(dtype), torch.randn(512, 128).to(dtype)
        torch.backends.cuda.matmul.allow_tf32 = tf32
        errors[name] = _error(a.cuda() @ b.cuda(), a.double() @ b.double())
    torch.backends.cuda.matmul.allow_tf32 = False
    return _judge(errors)


@check(
    "work.convolution",
    "convolutions through cuDNN in fp32, bf16 and fp16 agree with fp64",
    lane="torch",
    limit=60,
    wanted=torch_on_gpu,
)
def convolution(_promise: Promise, _facts: Facts) -> str:
    """With cuDNN on, and tf32 off for fp32."""
    torch = _torch()
    if not torch.backends.cudnn.is_available():
        raise Failed("torch cannot use cuDNN")
    torch.backends.cudnn.allow_tf32 = False
    convolve = torch.nn.functional.conv2d
    errors = {}
    for name in ("float32", "bfloat16", "float16"):
        dtype = getattr(torch, name)
        image, weights = torch.randn(2, 16, 32, 32).to(dtype), torch.randn(8, 16, 3, 3).to(dtype)
        wanted = convolve(image.double(), weights.double())
        errors[name] = _error(convolve(image.cuda(), weights.cuda()), wanted)
    return _judge(errors)


@check(
    "work.training",
    "gradients lead downhill: a training's loss falls",
    lane="torch",
    limit=60,
    wanted=torch_on_gpu,
)
def training(_promise: Promise, _facts: Facts) -> str:
    """A small network learns a random linear map, by hand: torch.optim imports all of torch._dynamo."""
    torch = _torch()
    inputs = torch.randn(256, 32, device="cuda")
    wanted = inputs @ torch.randn(32, 8, device="cuda")
    layers = (torch.nn.Linear(32, 64), torch.nn.GELU(), torch.nn.Linear(64, 8))
    model = torch.nn.Sequential(*layers).cuda()
    losses = []
    for _ in range(20):
        loss = torch.nn.functional.mse_loss(model(inputs), wanted)
        gradients = torch.autograd.grad(loss, tuple(model.parameters()))
        with torch.no_grad():
            for index, parameter in enumerate(model.parameters()):
                parameter.sub_(0.1 * gradients[index])
        losses.append(loss.item())
    if not losses[-1] < 0.9 * losses[0]:
        raise Failed(f"the loss went {losses}")
    return f"loss {losses[0]:.3g} to {losses[-1]:.3g}"


@check(
    "work.attention",
    "scaled dot product attention agrees with fp64",
    lane="torch",
    limit=60,
    wanted=torch_on_gpu,
)
def attention(_promise: Promise, _facts: Facts) -> str:
    """In fp16, for which the fused kernels are chosen."""
    torch = _torch()
    q, k, v = (torch.randn(2, 4, 128, 64).half() for _ in range(3))
    seen = torch.nn.functional.scaled_dot_product_attention(q.cuda(), k.cuda(), v.cuda())
    scores = q.double() @ k.double().transpose(-1, -2) / math.sqrt(q.shape[-1])
    return _judge({"float16": _error(seen, scores.softmax(-1) @ v.double())})


@check(
    "work.graph", "a captured CUDA graph replays on new inputs", lane="torch", limit=60, wanted=torch_on_gpu
)
def graph(_promise: Promise, _facts: Facts) -> str:
    """Warmed up on a side stream, as capture asks for."""
    torch = _torch()
    weights = torch.randn(64, 64, device="cuda")
    inputs = torch.zeros(16, 64, device="cuda")
    stream = torch.cuda.Stream()
    with torch.cuda.stream(stream):
        (inputs @ weights).relu()
    stream.synchronize()
    captured = torch.cuda.CUDAGraph()
    with torch.cuda.graph(captured):
        outputs = (inputs @ weights).relu()
    fresh = torch.randn(16, 64)
    inputs.copy_(fresh)
    captured.replay()
    return _judge({"float32": _error(outputs, (fresh.double() @ weights.double().cpu()).relu())})


@check(
    "work.pinned",
    "pinned memory is copied asynchronously and whole",
    lane="torch",
    limit=60,
    wanted=torch_on_gpu,
)
def pinned(_promise: Promise, _facts: Facts) -> str:
    """To the GPU and back, 32 MiB each way."""
    torch = _torch()
    there = torch.randint(0, 256, (32 << 20,), dtype=torch.uint8).pin_memory()
    back = torch.empty_like(there).pin_memory()
    back.copy_(there.to("cuda", non_blocking=True), non_blocking=True)
    torch.cuda.synchronize()
    if not torch.equal(there, back):
        raise Failed("other bytes came back")
    return f"{there.numel()} bytes"


def _torch() -> Any:
    return importlib.import_module("torch")


def _error(seen: Any, wanted: Any) -> float:
    return float((seen.double().cpu() - wanted).norm() / wanted.norm())


def _judge(errors: dict[str, float]) -> str:
    text = ", ".join(f"{name} {error:.1e}" for name, error in errors.items())
    if not all(error < _TOLERANCE[name] for name, error in errors.items()):
        raise Failed(f"relative errors {text}")
    return f"relative errors {text}"


def _covers(compiled: list[str], capability: tuple[int, int]) -> bool:
    """Whether SASS of this major, or PTX of any older one, is in torch's list."""
    for name in compiled:
        kind, _, number = name.partition("_")
        digits = "".join(character for character in number if character.isdigit())
        if not digits:
            continue
        major, minor = int(digits[:-1]), int(digits[-1])
        if (kind == "sm" and major == capability[0] and minor <= capability[1]) or (
            kind == "compute" and (major, minor) <= capability
        ):
            return True
    return False


CHECKS: tuple[Check, ...] = (available, matmul, convolution, training, attention, graph, pinned)
