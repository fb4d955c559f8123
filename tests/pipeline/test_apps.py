"""Apps on a real engine: built over the family's digests, tested by their own command, released beside it."""

import json
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from builder.matrix import lock as locks
from builder.model.digest import Digest
from builder.model.errors import ExitCode
from builder.model.outcome import Built, Failed, Skipped, Tested
from builder.model.receipt import Status
from builder.model.release import Published, Refused
from builder.pipeline.existing.candidates import order
from builder.pipeline.inputs.bake_file import bake_file
from builder.pipeline.inputs.project import lock_path
from builder.pipeline.inputs.site import site
from builder.pipeline.release import release
from builder.registry import Registry
from tests.pipeline.conftest import CPU, Family
from tests.pipeline.runs import run

pytestmark = pytest.mark.engine

DOCKERFILE = """\
FROM base AS build
ARG WORD
RUN echo "from os import environ as e; print('$WORD', e['SMOKE_LEVEL']); exit(e.get('BROKEN'))" > /tmp/app
FROM base
COPY --from=build /tmp/app /opt/app
"""
APP = """
apps:
  hello:
    context: hello
    args: {WORD: hi}
    test: [python3, /opt/app]
    tags: {release: "{app}-{cuda}-{epoch:%Y%m%d}"}
"""


def with_app(family: Family, dockerfile: str = DOCKERFILE) -> Family:
    """The family with an app in its matrix."""
    folder = family.file.parent / "hello"
    folder.mkdir(exist_ok=True)
    (folder / "Dockerfile").write_text(dockerfile)
    family.file.write_text(family.file.read_text().partition("\napps:")[0] + APP)
    return family


def test_built_on_its_parents_digest_tested_and_released(family: Callable[..., Family]) -> None:
    made = with_app(family(CPU))
    first = run(made, "app=hello")  # what it is built over comes along
    assert first.code == ExitCode.DONE
    over, app = first.results
    assert isinstance(over.build, Built)
    assert isinstance(app.build, Built)
    assert isinstance(app.test, Tested)
    told = {check.id: check.detail for check in app.test.receipt.checks}
    assert told["app.test"] == "hi cpu"
    with Registry() as registry:
        staging = made.server.repository("acme/staging")
        below, whole = (registry.manifest(staging.at(b.digest)) for b in (over.build, app.build))
        shared = [layer.digest for layer in below.layers]
        assert [layer.digest for layer in whole.layers][: len(shared)] == shared
        outcomes = release(registry, order(registry, made.work(), datetime.now(UTC))).outcomes
        assert [type(outcome) for outcome in outcomes] == [Published, Published]
        tags = registry.tags(made.server.repository("acme/cuda"))
    assert [tag for tag in tags if tag.startswith("hello-cpu-")]
    again = run(made)
    assert again.requests.total == 1
    assert again.count(Built) == 0


def test_a_failing_test_of_its_own_refuses_the_release(family: Callable[..., Family]) -> None:
    made = with_app(family(CPU), f"{DOCKERFILE}ENV BROKEN=badly\n")
    report = run(made)
    assert report.code == ExitCode.SMOKE_FAILED
    outcome = report.results[1].test
    assert isinstance(outcome, Tested)
    assert outcome.receipt.ids(Status.FAILED) == ("app.test",)
    assert "exit 1; last words: hi cpu\nbadly" in {c.detail for c in outcome.receipt.checks}
    with Registry() as registry:
        outcomes = release(registry, order(registry, made.work(), datetime.now(UTC))).outcomes
        assert [type(one) for one in outcomes if "hello" in one.target] == [Refused]
        assert registry.tags(made.server.repository("acme/cuda")) == ()

    mended = run(with_app(made))
    assert mended.code == ExitCode.DONE
    assert mended.count(Built) == 1


def test_an_app_is_skipped_when_what_it_is_built_over_failed(family: Callable[..., Family]) -> None:
    made = with_app(family(CPU))
    path = lock_path(made.file)
    lock = locks.parse(path.read_bytes(), str(path))
    wrong = {n: tuple(replace(w, digest=Digest.of(b"tampered")) for w in ws) for n, ws in lock.wheels.items()}
    path.write_text(locks.dump(replace(lock, wheels=wrong)))
    over, app = run(made).results
    assert isinstance(over.build, Failed)
    assert app.build == Skipped(f"its parent {over.step.build.name} failed")


def test_a_printed_bake_file_has_apps_over_targets(family: Callable[..., Family]) -> None:
    work = with_app(family(CPU)).work("app=hello")
    file = bake_file(work.builds, site(work.builds))
    over, app = (build.name for build in work.builds)
    assert file["target"][app]["contexts"]["base"] == f"target:{over}"
    command = ["docker", "buildx", "bake", "-f", "-", "--print", app]
    done = subprocess.run(command, input=json.dumps(file), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    printed = json.loads(done.stdout)["target"]
    assert set(printed) == {over, app}
    assert printed[app]["labels"]["io.cuda-image-builder.app"] == "hello"
