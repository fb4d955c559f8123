"""smoke: runs the probe in staged images and attaches what it found to their digests."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from builder.bake import staging
from builder.engine.containers import pull, remove_expired, run_probe
from builder.matrix.schema import Smoke
from builder.bake.recipe import canonical
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
from builder.smoke.program import probe_digest, program
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
