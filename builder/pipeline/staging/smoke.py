"""smoke: runs the probe in staged images and attaches what it found to their digests."""

import os
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from builder.bake import staging
from builder.engine.containers import pulled, run_probe
from builder.engine.gpus import lease
from builder.engine.leftovers import remove_expired
from builder.engine.lend import Lend
from builder.matrix.policy import policy_of
from builder.matrix.schema import Smoke
from builder.model.cell import Level
from builder.model.descriptor import Descriptor
from builder.model.digest import Digest
from builder.model.errors import BuilderError
from builder.model.outcome import Tested, TestOutcome, Untested
from builder.model.probe import GpuAccess, Lender, Lent
from builder.model.receipt import Receipt
from builder.pipeline.inputs.terms import Terms
from builder.pipeline.staging.plan import Step
from builder.registry.client import Registry
from builder.release.signing.seal import attached_bundle
from builder.release.signing.sign import Signer
from builder.smoke.expectation import expectation
from builder.smoke.program import program
from builder.smoke.statement import ANNOTATIONS, ARTIFACT_TYPE, MEDIA_TYPE, statement
from builder.smoke.verdict import verdict

if TYPE_CHECKING:
    from python_on_whales import DockerClient


@dataclass(frozen=True, slots=True)
class Bench:
    """Where images are tested: the engine with its GPUs, and the registry that gets the receipts.

    `policy` is the matrix's, `host` are the facts about the engine that go into receipts; `lend` is for
    images without a Python; a `signer` signs the receipts of tests that passed.
    """

    docker: "DockerClient"
    registry: Registry
    terms: Terms
    policy: Smoke
    gpus: tuple[GpuAccess, ...]
    host: tuple[tuple[str, str], ...]
    lend: Lend
    signer: Signer | None = None

    @property
    def width(self) -> int:
        """How many images are on the engine at once: one a GPU, and one that is pulled meanwhile."""
        return max(1, 2 * len(self.gpus))


def level_here(step: Step, *, gpu: bool) -> Level:
    """The level at which this host can test an image: `gpu` takes one, and the image's own architecture."""
    native = step.cell.platform.machine == os.uname().machine
    return Level.GPU if gpu and native and step.cell.cuda else Level.CPU


def needs_test(step: Step, *, gpu: bool) -> bool:
    """Whether a test here would tell something new: the policy's level, or the best one that is possible."""
    return not step.tested and not step.passed_at(level_here(step, gpu=gpu))


def smoke(bench: Bench, step: Step, staged: Mapping[str, Digest]) -> TestOutcome:
    """Test one staged image, attach the receipt to its digest, and remove the image from the engine.

    A failed test leaves a receipt too: it says what failed, and no gate lets it pass. `staged` has its digest
    and that of what lends it a Python, by the names of their builds.
    """
    digest = staged[step.build.name]
    image, platform = step.build.staging.at(digest), step.cell.platform
    lender = _lender(step, staged)
    if step.build.lender and lender is None:
        return Untested(f"{step.build.lender.name}, whose Python the test takes, is not staged")
    on_gpu = level_here(step, gpu=bool(bench.gpus)) is Level.GPU
    try:
        with pulled(bench.docker, image, platform):
            python = bench.lend(lender, platform) if lender else None
            with lease(bench.gpus) if on_gpu else nullcontext() as gpu:
                receipt = _examine(bench, step, digest, gpu, python)
            attach(bench.registry, step, receipt, bench.terms, bench.signer)
    except BuilderError as error:
        return Untested(f"the test could not run: {error}")
    return Tested(receipt)


def _lender(step: Step, staged: Mapping[str, Digest]) -> Lender | None:
    lender = step.build.lender
    digest = staged.get(lender.name) if lender else None
    return Lender(lender.staging.at(digest), lender.recipe.cell.python) if lender and digest else None


def _examine(bench: Bench, step: Step, digest: Digest, gpu: GpuAccess | None, python: Lent | None) -> Receipt:
    level = Level.GPU if gpu else Level.CPU
    policy = policy_of(bench.policy, step.cell)
    promise = expectation(step.cell, level=level, profile=policy.profile, gpus=gpu.count if gpu else 0)
    run = run_probe(
        bench.docker,
        step.build.staging.at(digest),
        step.cell.platform,
        program=program(),
        expectation=promise,
        gpu=gpu,
        lent=python,
    )
    access = {"access": str(gpu)} if gpu else {}
    lender = {"lender": str(python.lender.image.digest)} if python else {}
    return verdict(
        run,
        promise=promise,
        subject=digest,
        probe=bench.terms.probe,
        policy=bench.terms.policy,
        allowed={allowance.check: allowance.reason for allowance in policy.allowed},
        host={**dict(bench.host), **access, **lender},
        when=datetime.now(UTC),
    )


def attach(
    registry: Registry, step: Step, receipt: Receipt, terms: Terms, signer: Signer | None = None
) -> Descriptor:
    """Attach a receipt to its subject as an OCI referrer; a passing one is signed, and told of by a tag."""
    repository = step.build.staging
    subject = registry.manifest(repository.at(receipt.subject))
    attached = registry.attach(
        repository, subject.descriptor, ARTIFACT_TYPE, statement(receipt), MEDIA_TYPE, annotations=ANNOTATIONS
    )
    if receipt.passed and signer:
        bundle = signer.sign(statement(receipt))
        registry.refer(repository, attached_bundle(registry, repository, bundle, [subject.descriptor]))
    if receipt.passed:
        tag = staging.pass_tag(receipt.subject, terms.id, receipt.level, receipt.when.date())
        registry.put_manifest(repository, subject.content, subject.media_type, tag=tag)
    return attached


def clean(bench: Bench) -> None:
    """Remove containers and volumes that killed runs left behind."""
    remove_expired(bench.docker, datetime.now(UTC).timestamp())
