"""The steps of builds in staging: taken by builders that never did them, and no harm when spoiled."""

import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from builder.bake import staging
from builder.model.digest import Digest
from builder.model.outcome import Built, Cause, Reused
from builder.model.reference import Repository
from builder.pipeline.bake import Options
from builder.pipeline.prune import prune, retention
from builder.registry import Registry
from builder.registry.manifest import Manifest
from tests.pipeline.conftest import Family
from tests.pipeline.runs import run
from tests.pipeline.tiny import tiny
from tests.servers.nodes import create_builder, node
from tests.servers.registry import RegistryServer

pytestmark = pytest.mark.engine

# Whoever does the first step gets something else.
DOCKERFILE = "FROM cudnn-devel\nRUN head -c 64 /dev/urandom >/tmp/random\nCOPY data /data\n"


@dataclass
class Bakery:
    """An app whose second step can be changed, and a builder that can be made to forget everything."""

    family: Family
    storage: Path
    builder: str = "cold"

    def bake(self, data: str, *, cache: bool) -> Built:
        """Build the app with other data on the builder, which knows nothing."""
        (self.family.file.parent / "app/data").write_text(data)
        command = ["docker", "buildx", "prune", "--all", "--force", "--builder", self.builder]
        subprocess.run(command, check=True, capture_output=True)
        options = Options(builder=self.builder, smoke=False, cache=cache)
        over, app = run(self.family, "app=app", options=options).results
        assert isinstance(over.build, Built | Reused)
        assert isinstance(app.build, Built), app.build
        return app.build

    def first_step(self, built: Built) -> Digest:
        """What the first step left in the image."""
        with Registry() as registry:
            return registry.manifest(self._place.at(built.digest)).layers[-2].digest

    def kept(self) -> dict[str, Manifest]:
        """The caches that staging has, by their tags."""
        with Registry() as registry:
            tags = [tag for tag in registry.tags(self._place) if staging.cached_key(tag)]
            return {tag: registry.manifest(self._place.tag(tag)) for tag in tags}

    def spoil(self) -> None:
        """Leave of each layer of a cache half, where no image needs it."""
        with Registry() as registry:
            own = [tag for tag in registry.tags(self._place) if staging.is_last(tag)]
            needed = {it.digest for tag in own for it in registry.manifest(self._place.tag(tag)).layers}
        layers = {it.digest for cache in self.kept().values() for it in cache.layers} - needed
        assert layers
        for digest in layers:
            for file in self.storage.rglob(f"blobs/sha256/{digest.hex[:2]}/{digest.hex}/data"):
                os.truncate(file, file.stat().st_size // 2)

    @property
    def _place(self) -> Repository:
        return self.family.server.repository("acme/staging")


@pytest.fixture
def bakery(tmp_path: Path, server: RegistryServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bakery]:
    monkeypatch.setenv("BUILDX_CONFIG", str(tmp_path / "buildx"))
    monkeypatch.setenv("CIB_NETWORK", "host")
    family = Family(tiny(tmp_path / "family", server.host, platforms=["linux/amd64"]), server)
    matrix = json.loads(family.file.read_text())
    tags = {"release": "app-{cuda}-{epoch:%Y%m%d}"}
    matrix["apps"] = {"app": {"context": "app", "test": ["true"], "tags": tags}}
    family.file.write_text(json.dumps(matrix))
    (family.file.parent / "app").mkdir()
    (family.file.parent / "app/Dockerfile").write_text(DOCKERFILE)
    with node() as engine:
        create_builder("cold", a=(engine, "linux/amd64"))
        yield Bakery(family, server.storage)


def test_a_builder_that_knows_nothing_takes_the_steps_of_the_last_build(bakery: Bakery) -> None:
    step = bakery.first_step(bakery.bake("one", cache=True))
    assert bakery.first_step(bakery.bake("two", cache=True)) == step
    assert len(bakery.kept()) == 3  # two of the app, one of what it is built over

    # A cache that is spoiled costs a second try, which does the step again, and no build.
    bakery.spoil()
    third = bakery.bake("three", cache=True)
    assert third.retried is Cause.REGISTRY
    assert bakery.first_step(third) != step

    work, today = bakery.family.work(), datetime.now(UTC).date() + timedelta(days=1)
    with Registry() as registry:
        place, rule = work.builds[0].staging, retention(work, keep=3, days=30)
        gone = prune(registry, place, rule, today, apply=True).tags
    assert len([tag for tag in gone if staging.cached_key(tag)]) == 2
    assert sorted(bakery.kept()) == sorted(staging.cache_tag(build.key) for build in work.builds)
