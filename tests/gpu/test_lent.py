"""An image without Python on a real GPU, tested with a lent one: that hides nothing, and helps nothing."""

from collections.abc import Iterator
from typing import Any

import pytest

from builder.engine.containers import pull
from builder.engine.lend import lending
from builder.model.cell import Level
from builder.model.probe import Lender, Lent
from builder.model.receipt import Receipt
from builder.model.reference import Reference

from .conftest import Bench, failed

pytestmark = pytest.mark.gpu

REMOVE = "RUN find / -xdev -path '*/bin/python*' -delete"
SYSTEM_PYTHON = "/usr/bin/python3"


@pytest.fixture(scope="module")
def lent(bench: Bench) -> Iterator[Lent]:
    """The system's Python of the host's own image."""
    ask = "import sys; print(*sys.version_info[:2], sep='.')"
    said = bench.docker.container.run(
        str(bench.image), ["-c", ask], entrypoint=SYSTEM_PYTHON, remove=True, networks=["none"]
    )
    with lending(bench.docker) as lend:
        lent = lend(Lender(bench.image, str(said).strip()), bench.platform)
        pull(bench.docker, bench.image, bench.platform)  # lending removes it, and others run it
        yield lent


@pytest.fixture(scope="module")
def bare(bench: Bench) -> Reference:
    """The host's image without its Pythons."""
    return bench.spoil("bare", REMOVE)


def _tested(bench: Bench, lent: Lent, **given: Any) -> Receipt:
    """Test an image that promises neither Python nor torch."""
    return bench.test(lent=lent, python="", torch="", **given)


def test_an_image_without_python_passes_at_level_gpu(bench: Bench, bare: Reference, lent: Lent) -> None:
    receipt = _tested(bench, lent, image=bare)
    assert failed(receipt) == {}
    assert receipt.level is Level.GPU
    details = {check.id: check.detail for check in receipt.checks}
    assert details["platform.no-python"].startswith("none, this one is /lent/bin/python3")
    assert "/lent" not in details["toolkit.cudart"]


def test_a_hidden_gpu_is_missed_with_a_lent_python_too(bench: Bench, bare: Reference, lent: Lent) -> None:
    assert "driver.devices" in failed(_tested(bench, lent, image=bare, hidden=True))


def test_a_python_that_should_not_be_there_is_refused(bench: Bench, lent: Lent) -> None:
    assert failed(_tested(bench, lent)).keys() == {"platform.no-python"}
