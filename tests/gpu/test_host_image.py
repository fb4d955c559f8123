"""Real CUDA and torch pass on this GPU; what is broken, hidden or forged is refused, by the right check."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import pytest

from builder.model.cell import Level
from builder.model.digest import Digest
from builder.model.receipt import Receipt, Status
from builder.smoke.program import probe_digest
from builder.smoke.statement import ANNOTATIONS, ARTIFACT_TYPE, MEDIA_TYPE, parse, statement
from builder.smoke.validity import satisfied

from .conftest import POLICY, Bench, failed

pytestmark = pytest.mark.gpu


@pytest.fixture(scope="module")
def receipt(bench: Bench) -> Receipt:
    return bench.test()


def test_the_host_image_passes_at_level_gpu(receipt: Receipt) -> None:
    assert failed(receipt) == {}
    assert receipt.passed
    assert receipt.level is Level.GPU
    assert {"gpu", "capability", "driver", "access"} <= set(receipt.host)


def test_the_full_profile_passes(bench: Bench) -> None:
    assert failed(bench.test(profile="full")) == {}


def test_the_receipt_travels_with_the_digest(bench: Bench, receipt: Receipt) -> None:
    repository = bench.host.repository
    subject = bench.registry.resolve(bench.image)
    assert subject
    content = statement(receipt)
    bench.registry.attach(repository, subject, ARTIFACT_TYPE, content, MEDIA_TYPE, ANNOTATIONS)
    assert bench.registry.referrers(repository, bench.host.digest, ARTIFACT_TYPE)
    assert parse(content) == receipt
    assert _satisfied(receipt, bench.host.digest) == ()


def test_a_receipt_for_another_digest_does_not_count(receipt: Receipt) -> None:
    (reason,) = _satisfied(receipt, Digest.of(b"another image"))
    assert "it is for" in reason


def test_a_receipt_of_level_cpu_does_not_count(bench: Bench) -> None:
    receipt = bench.test(hidden=True, level="cpu", gpus=0)
    assert failed(receipt) == {}
    (reason,) = _satisfied(receipt, bench.host.digest)
    assert "its level is cpu" in reason


def test_a_receipt_that_was_edited_to_passed_is_no_receipt(receipt: Receipt) -> None:
    broken = replace(receipt, checks=(replace(receipt.checks[0], status=Status.FAILED), *receipt.checks[1:]))
    with pytest.raises(ValueError, match="PASSED"):
        parse(statement(broken))


@dataclass(frozen=True, slots=True)
class Fault:
    """What is planted, and the check that must refuse it."""

    name: str
    refused_by: str
    lines: tuple[str, ...] = ()
    hidden: bool = False
    changes: dict[str, Any] = field(default_factory=dict)


TORCH = "$(dirname $(python3 -c 'import importlib.util as u; print(u.find_spec(\"torch\").origin)'))"
_CUDART = "$(find / -xdev -name 'libcudart.so.1[0-9]' | head -1)"
_LOAD = 'import ctypes, glob; ctypes.CDLL(glob.glob("/opt/extra/*")[0])'
STUB = "echo 'int cuInit(unsigned flags) { return 34; }' | gcc -shared -xc -o /opt/first/libcuda.so.1 -"
_NO_CODE = 'get_arch_list = lambda: ["sm_50"]'
FAULTS = (
    Fault("hidden-gpu", "driver.devices", hidden=True),
    Fault("cpu-only-torch", "torch.build", (f"RUN sed -i 's/^cuda.*=.*/cuda = None/' {TORCH}/version.py",)),
    Fault(
        "second-cudart",
        "origin.loaded",
        (f"RUN mkdir /opt/extra && cp -L {_CUDART} /opt/extra/ && echo '{_LOAD}' >> {TORCH}/__init__.py",),
    ),
    Fault(
        "stub-libcuda",
        "driver.devices",
        (f"RUN mkdir /opt/first && {STUB}", "ENV LD_LIBRARY_PATH=/opt/first"),
    ),
    Fault("wrong-version", "toolkit.declared", ("ENV CUDA_VERSION=12.6.3",)),
    Fault("nvcc-in-runtime", "flavor.no-compiler", changes={"compiler": False, "flavor": "runtime"}),
    Fault("another-cuda", "toolkit.cudart", changes={"cuda": "12.9.1"}),
    Fault("another-torch", "torch.version", changes={"torch": "1.0.0"}),
    Fault("driver-too-old", "driver.version", changes={"driver": "999.1.1"}),
    Fault("missing-gpu", "driver.devices", changes={"gpus": 16}),
    Fault("no-code-for-gpu", "work.available", (f"RUN echo '{_NO_CODE}' >> {TORCH}/cuda/__init__.py",)),
)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_planted_fault_is_refused_by_the_right_check(bench: Bench, fault: Fault) -> None:
    image = bench.spoil(fault.name, *fault.lines) if fault.lines else None
    receipt = bench.test(image=image, hidden=fault.hidden, **fault.changes)
    assert not receipt.passed
    assert fault.refused_by in failed(receipt), failed(receipt)


def _satisfied(receipt: Receipt, subject: Digest) -> tuple[str, ...]:
    return satisfied(POLICY, [receipt], subject=subject, probe=probe_digest(), now=datetime.now(UTC))
