"""Fits a small network to a known function, on one GPU, on several, or on the CPU.

Azure Machine Learning starts one process a GPU and says in the environment which of them each is (`RANK`,
`WORLD_SIZE`, `LOCAL_RANK`, `MASTER_ADDR`), keeps what is written to `outputs/`, and takes MLflow's metrics
where `MLFLOW_TRACKING_URI` says.
"""

import argparse
import os
from pathlib import Path

import torch
from torch import distributed, nn
from torch.nn.parallel import DistributedDataParallel


def parse() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--batch", type=int, default=256)
    parser.add_argument("--output", type=Path, default=Path("outputs"))
    parser.add_argument("--device", choices=["gpu", "cpu"], default=os.environ.get("SMOKE_LEVEL", "gpu"))
    return parser.parse_args()


def pick(wanted: str) -> torch.device:
    """The device of this process. A missing GPU is an error: a job that trains on the CPU costs the same."""
    if wanted == "cpu":
        return torch.device("cpu")
    if not torch.cuda.is_available():
        raise SystemExit("train: there is no GPU; --device cpu does without")
    return torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")))


def fit(device: torch.device, steps: int, batch: int) -> tuple[nn.Module, float, float]:
    """The model, and its loss before and after."""
    torch.manual_seed(0)
    model: nn.Module = nn.Sequential(nn.Linear(2, 32), nn.Tanh(), nn.Linear(32, 1)).to(device)
    together = DistributedDataParallel(model) if distributed.is_initialized() else model
    optimizer = torch.optim.Adam(together.parameters(), lr=1e-2)
    losses = []
    for _ in range(steps):
        points = torch.rand(batch, 2, device=device)
        loss = nn.functional.mse_loss(together(points).squeeze(1), points.prod(1))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return model, losses[0], losses[-1]


def log(**metrics: float) -> None:
    """Tell Azure ML, where it listens, and whoever reads the log."""
    print(" ".join(f"{name}={value:.6f}" for name, value in metrics.items()))
    if os.environ.get("MLFLOW_TRACKING_URI"):
        import mlflow

        mlflow.log_metrics(metrics)


def main() -> None:
    """Train, and leave the model in the output folder of the first process."""
    options = parse()
    device = pick(options.device)
    if int(os.environ.get("WORLD_SIZE", "1")) > 1:
        distributed.init_process_group("nccl" if device.type == "cuda" else "gloo")
    model, before, after = fit(device, options.steps, options.batch)
    if after >= before:
        raise SystemExit(f"train: the loss went from {before:.6f} to {after:.6f}")
    if not distributed.is_initialized() or distributed.get_rank() == 0:
        options.output.mkdir(parents=True, exist_ok=True)
        torch.save(model.state_dict(), options.output / "model.pt")
        log(loss_before=before, loss_after=after)
    if distributed.is_initialized():
        distributed.destroy_process_group()


if __name__ == "__main__":
    main()
