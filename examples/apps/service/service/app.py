"""The service's endpoints."""

from dataclasses import asdict
from typing import Annotated

import torch
from fastapi import FastAPI, Response
from pydantic import BaseModel, Field

from service.health import health

app = FastAPI(title="Moments")


class Numbers(BaseModel):
    """What to describe."""

    values: Annotated[list[float], Field(min_length=2, max_length=1_000_000)]


class Moments(BaseModel):
    """Mean and standard deviation, and where they were computed."""

    mean: float
    deviation: float
    device: str


@app.get("/healthz")
def healthz(response: Response) -> dict[str, str | None]:
    """GPU, capability, driver and torch; 503 with the reason where the service cannot do its work."""
    found = health()
    if found.problem:
        response.status_code = 503
    return asdict(found)


@app.post("/moments")
def moments(numbers: Numbers) -> Moments:
    """Describe some numbers."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    values = torch.tensor(numbers.values, device=device, dtype=torch.float64)
    return Moments(mean=values.mean().item(), deviation=values.std().item(), device=device)
