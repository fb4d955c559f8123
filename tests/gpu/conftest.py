"""The bench for tests on a real GPU: engine, registry, and an image of this host's own CUDA and torch."""

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from python_on_whales import DockerClient

from builder.engine.bake import bake
from builder.engine.containers import pull, run_probe
from builder.engine.gpus import detect
from builder.engine.info import engine_info
from builder.model.outcome import Built
from builder.model.platform import Platform
from builder.model.policy import Policy, Profile
from builder.model.probe import GpuAccess, Lent
from builder.model.receipt import Receipt
from builder.model.reference import Reference, Repository
from builder.registry.client import Registry
from builder.smoke.probes.promise import Promise
from builder.smoke.program import probe_digest, program
from builder.smoke.verdict import verdict

from .host import HostImage, make

POLICY = Policy(profile=Profile.QUICK)


@dataclass(frozen=True, slots=True)
class Bench:
    """What a test needs to try an image of this host."""

    docker: DockerClient
    registry: Registry
    gpus: tuple[GpuAccess, ...]
    host: HostImage
    scratch: Path

    @property
    def platform(self) -> Platform:
        return Platform.parse(f"linux/{os.uname().machine}")

    @property
    def image(self) -> Reference:
        return self.host.repository.at(self.host.digest)

    def test(
        self,
        *,
        image: Reference | None = None,
        gpu: GpuAccess | None = None,
        hidden: bool = False,
        lent: Lent | None = None,
        **changes: Any,
    ) -> Receipt:
        """Run the probe in the host's image or in another, with one GPU, and judge it."""
        image = image or self.image
        assert image.digest
        promise = as_text(replace(self.host.promise, **changes))
        access = None if hidden else gpu or self.gpus[0]
        if image != self.image:
            pull(self.docker, image, self.platform)
        run = run_probe(
            self.docker,
            image,
            self.platform,
            program=program(),
            expectation=promise,
            gpu=access,
            lent=lent,
        )
        return verdict(
            run,
            promise=promise,
            subject=image.digest,
            probe=probe_digest(),
            policy=POLICY.digest,
            allowed={},
            host={"access": str(access)},
            when=datetime.now(UTC),
        )

    def spoil(self, name: str, *lines: str, annotations: Mapping[str, str] | None = None) -> Reference:
        """The host's image with something planted."""
        repository = Repository(self.host.repository.registry, f"{self.host.repository.path}-faults")
        target = {
            "context": str(self.scratch),
            "dockerfile-inline": "\n".join((f"FROM {self.image}", *lines)),
            "network": "none",
            "annotations": [f"manifest:{key}={value}" for key, value in (annotations or {}).items()],
            "attest": [{"type": "provenance", "disabled": "true"}],
            "output": [{"type": "image", "push": "true", "name": str(repository.tag(name))}],
        }
        built = bake(
            self.docker,
            {"target": {name: target}},
            name,
            observer=lambda _progress: None,
            reproduce="docker build",
        )
        assert isinstance(built, Built), built
        return repository.at(built.digest)


def as_text(promise: Promise) -> str:
    return json.dumps(asdict(promise), sort_keys=True)


def failed(receipt: Receipt) -> dict[str, str]:
    """What was refused, and why."""
    return {check.id: check.detail for check in receipt.checks if check.status != "passed"}


@pytest.fixture(scope="session")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    docker = DockerClient()
    gpus = detect(engine_info(docker))
    if not gpus:
        pytest.fail(
            "there is no GPU that the engine could lend to a container, and no test passes without one"
        )
    repository = Repository(os.environ.get("CIB_REGISTRY", "127.0.0.1:5000"), "test-gpu/host")
    scratch = tmp_path_factory.mktemp("host")
    with Registry() as registry:
        host = make(registry, repository, scratch)
        made = Bench(docker, registry, gpus, host, scratch)
        pull(docker, made.image, made.platform)
        yield made


@pytest.fixture(scope="session")
def written(bench: Bench) -> Iterator[dict[str, str]]:
    """Measured figures by name; written to $OUT/measurements.md."""
    figures: dict[str, str] = {"image": f"{bench.host.bytes / 1e9:.1f} GB uncompressed"}
    yield figures
    folder = Path(os.environ.get("OUT", str(bench.scratch)))
    lines = [f"| {name} | {figure} |" for name, figure in figures.items()]
    (folder / "measurements.md").write_text("\n".join(["| what | measured |", "|---|---|", *lines]) + "\n")
