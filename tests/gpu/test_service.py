"""The service of examples/apps on a real GPU: its health endpoint says which one, and refuses without it.

Its code, not its image: it runs in the image made of the GPU's own machine, over that one's Python and torch,
with packages that were fetched for that Python. How the service's image is built is not tested here.
"""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from builder.model.receipt import Receipt
from builder.model.reference import Reference

from .conftest import Bench, failed

pytestmark = pytest.mark.gpu

SERVICE = Path(__file__).parents[2] / "examples" / "apps" / "service"
TEST = ["python3", "-m", "service.selftest"]
Test = Callable[..., Receipt]


@pytest.fixture(scope="module")
def service(bench: Bench) -> Reference:
    """The service's code over this host's own torch, with packages of scripts/gpu-e2e for its Python."""
    shutil.copytree(SERVICE / "service", bench.scratch / "service", dirs_exist_ok=True)
    shutil.copytree(os.environ["CIB_SERVICE"], bench.scratch / "site", dirs_exist_ok=True)
    return bench.spoil(
        "service", "COPY service /opt/service", "COPY site /opt/site", "ENV PYTHONPATH=/opt:/opt/site"
    )


def test_the_health_endpoint_names_the_gpu(bench: Bench, service: Reference, written: dict[str, str]) -> None:
    receipt = bench.test(image=service, command=TEST, seconds=180)
    assert failed(receipt) == {}
    (said,) = (check.detail for check in receipt.checks if check.id == "app.test")
    health = json.loads(said.splitlines()[0])
    assert health["gpu"] == receipt.host["gpu"]
    assert health["capability"] == receipt.host["capability"]
    assert health["driver"] == receipt.host["driver"]
    assert health["torch"] == bench.host.promise.torch
    written["the service's /healthz"] = (
        f"200, {health['gpu']}, {health['capability']}, driver {health['driver']}"
    )


def test_the_service_is_not_healthy_where_the_gpu_is_hidden(bench: Bench, service: Reference) -> None:
    receipt = bench.test(image=service, hidden=True, command=TEST, seconds=180)
    assert "app.test" in failed(receipt)
    assert "no GPU" in failed(receipt)["app.test"]
