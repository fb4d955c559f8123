"""smoke: runs the probe in staged images and attaches what it found to their digests."""

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from builder.bake import staging
from builder.bake.recipe import canonical
from builder.engine.containers import pull, remove_expired, run_probe
from builder.matrix.schema import Smoke
from builder.model.cell import Level
from builder.model.descriptor import Descriptor
from builder.model.digest import Digest
from builder.model.errors import BuilderError
from builder.model.outcome import Tested, TestOutcome, Untested
from builder.model.probe import GpuAccess
from builder.model.receipt import Receipt
from builder.pipeline.plan import Step, Terms
from builder.registry.client import Registry
from builder.smoke.expectation import expectation
from builder.smoke.program import program
from builder.smoke.statement import ANNOTATIONS, ARTIFACT_TYPE, MEDIA_TYPE, statement
from builder.smoke.verdict import verdict

if TYPE_CHECKING:
    from python_on_whales import DockerClient


@dataclass(frozen=True, slots=True)
class Bench:
    """Where images are tested: the engine, the registry that gets the receipts, and the GPU, where there is one."""

    docker: "DockerClient"
    registry: Registry
    terms: Terms
    gpu: GpuAccess | None


def policy_digest(policy: Smoke) -> Digest:
    """What receipts call the rules that judged them."""
    return Digest.of(canonical(policy.model_dump(mode="json")))


def level_here(step: Step, gpu: GpuAccess | None) -> Level:
    """The level at which this host can test an image: `gpu` takes one, and the image's own architecture."""
    native = step.cell.platform.machine == os.uname().machine
    return Level.GPU if gpu and native and step.cell.cuda else Level.CPU


def smoke(bench: Bench, step: Step, digest: Digest) -> TestOutcome:
    """Test one staged image, attach the receipt to its digest, and remove the image from the engine.

    A failed test leaves a receipt too: it says what failed, and no gate lets it pass.
    """
    from python_on_whales.exceptions import DockerException

    image = step.build.staging.at(digest)
    cell = step.cell
    level = level_here(step, bench.gpu)
    gpu = bench.gpu if level is Level.GPU else None
    promise = expectation(cell, level=level, gpus=gpu.count if gpu else 0)
    try:
        pull(bench.docker, image, cell.platform)
        run = run_probe(bench.docker, image, cell.platform, program=program(), expectation=promise, gpu=gpu)
        receipt = verdict(
            run,
            promise=promise,
            subject=digest,
            probe=bench.terms.probe,
            policy=bench.terms.policy,
            allowed={},
            host=_host(bench, gpu),
            when=datetime.now(UTC),
        )
        attach(bench.registry, step, receipt, bench.terms)
    except (DockerException, BuilderError) as error:
        return Untested(f"the test could not run: {error}")
    finally:
        _forget(bench.docker, str(image))
    return Tested(receipt)


def attach(registry: Registry, step: Step, receipt: Receipt, terms: Terms) -> Descriptor:
    """Attach a receipt to its subject as an OCI referrer; a passing one is told of by a tag as well."""
    repository = step.build.staging
    subject = registry.manifest(repository.at(receipt.subject))
    attached = registry.attach(
        repository, subject.descriptor, ARTIFACT_TYPE, statement(receipt), MEDIA_TYPE, annotations=ANNOTATIONS
    )
    if receipt.passed:
        tag = staging.pass_tag(receipt.subject, terms.id, receipt.level, receipt.when.date())
        registry.put_manifest(repository, subject.content, subject.media_type, tag=tag)
    return attached


def prepare(bench: Bench) -> None:
    """Remove containers that killed runs left behind."""
    remove_expired(bench.docker, datetime.now(UTC).timestamp())


def _host(bench: Bench, gpu: GpuAccess | None) -> dict[str, str]:
    info = bench.docker.info()
    access = {"access": str(gpu.path)} if gpu else {}
    return {"engine": str(info.server_version or ""), "kernel": str(info.kernel_version or ""), **access}


def _forget(docker: "DockerClient", image: str) -> None:
    from contextlib import suppress

    from python_on_whales.exceptions import DockerException

    with suppress(DockerException):
        docker.image.remove(image, force=True)
