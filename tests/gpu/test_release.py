"""From this host's own image to a release: baked, tested on this GPU, released by the gate, verified."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from builder.bake.labels import KEY, OCI, OURS, TARGET
from builder.model.cell import Level
from builder.model.digest import Digest
from builder.model.receipt import Receipt
from builder.model.reference import Reference, Repository
from builder.model.release import Candidate, Part, Published, ReleaseOutcome
from builder.pipeline.release import release
from builder.pipeline.verify import verify
from builder.release.audit import Policy
from builder.release.gate import Terms
from builder.release.order import Order
from builder.smoke.program import probe_digest
from builder.smoke.statement import ANNOTATIONS, ARTIFACT_TYPE, MEDIA_TYPE, statement

from .conftest import POLICY, Bench

pytestmark = pytest.mark.gpu

_TAG = "host-20261121"
_EPOCH = datetime(2026, 11, 21, tzinfo=UTC)


@dataclass(frozen=True)
class Family:
    """One target with one platform, on this host."""

    bench: Bench
    image: Reference
    key: Digest
    labels: dict[str, str]

    @property
    def destination(self) -> Repository:
        return Repository(self.image.repository.registry, "test-gpu/release")

    def attach(self, receipt: Receipt) -> None:
        subject = self.bench.registry.resolve(self.image)
        assert subject
        self.bench.registry.attach(
            self.image.repository, subject, ARTIFACT_TYPE, statement(receipt), MEDIA_TYPE, ANNOTATIONS
        )

    def release(self) -> ReleaseOutcome:
        part = Part(
            self.bench.platform, Level.GPU, self.image.repository, self.image.digest, self.key, self.labels
        )
        order = Order(
            candidates=(Candidate("host", (_TAG,), ("host",), (part,)),),
            destinations=(self.destination,),
            epoch=_EPOCH.date(),
            terms=Terms(probe_digest(), POLICY.digest, timedelta(days=90), datetime.now(UTC)),
            bases={"host": (self.bench.host.digest,)},
        )
        (outcome,) = release(self.bench.registry, order).outcomes
        return outcome


@pytest.fixture(scope="module")
def family(bench: Bench) -> Family:
    labels = {
        TARGET: "host",
        f"{OURS}epoch": _EPOCH.date().isoformat(),
        f"{OURS}platform": str(bench.platform),
        f"{OCI}base.digest": str(bench.host.digest),
    }
    key = Digest.of(str(bench.host.digest).encode())
    lines = [f'LABEL {name}="{value}"' for name, value in labels.items()]
    image = bench.spoil("release", *lines, annotations={**labels, KEY: str(key)})
    return Family(bench, image, key, labels)


def test_it_is_released_with_a_receipt_of_its_own_and_not_before(family: Family) -> None:
    tested = family.bench.test(image=family.image)
    cpu = family.bench.test(image=family.image, hidden=True, level="cpu", gpus=0)
    other = replace(tested, subject=Digest.of(b"another image"))
    for worthless in (cpu, other):
        family.attach(worthless)
        assert not isinstance(family.release(), Published)
    family.attach(tested)
    assert isinstance(family.release(), Published)
    reference = family.destination.tag(_TAG)
    policy = Policy(level=Level.GPU, signed=False)
    verified = verify(family.bench.registry, reference, policy, None, datetime.now(UTC))
    assert [result for result in verified.results if not result.passed] == []
