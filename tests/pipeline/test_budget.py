"""Budgets against images in a real registry: a check, a build and a release that are over theirs fail."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from builder.bake import staging
from builder.bake.definition import Build
from builder.matrix.rules.catalog import judge_survey
from builder.model.errors import ExitCode
from builder.model.finding import Finding
from builder.model.outcome import Cause, Failed, Reused
from builder.model.release import Refused
from builder.pipeline.bake import Options, bake
from builder.pipeline.existing.candidates import order
from builder.pipeline.existing.survey import survey
from builder.pipeline.inputs.prepare import narrow
from builder.pipeline.inputs.project import Project, read
from builder.pipeline.release import release
from builder.pipeline.staging.weight import too_heavy
from builder.registry import Registry
from tests.pipeline.conftest import CPU, Family
from tests.pipeline.heard import Heard
from tests.pipeline.test_apps import with_app
from tests.servers.images import push_image

TODAY = datetime.now(UTC).date()
WEIGHT = 3_000_000


@pytest.fixture
def heavy(family: Callable[..., Family]) -> Family:
    """A family whose only image is staged, and weighs 3 MB."""
    made = family(CPU)
    (build,) = made.work().builds
    with Registry() as registry:
        stage(registry, build)
    return made


def stage(registry: Registry, build: Build) -> None:
    pushed = push_image(registry, build.image, layer=bytes(WEIGHT))
    content = registry.manifest(build.staging.at(pushed.digest))
    tag = staging.digest_tag(build.key, pushed.digest)
    registry.put_manifest(build.staging, content.content, content.media_type, tag=tag)


def allow(family: Family, budget: str) -> Project:
    without = [line for line in family.file.read_text().splitlines() if not line.startswith("budget:")]
    family.file.write_text("\n".join((*without, f"budget: {{base: {budget}}}", "")))
    return read(family.file, TODAY)


def said(project: Project) -> tuple[Finding, ...]:
    with Registry() as registry:
        seen = survey(registry, project.matrix, (), project.lock, narrow(project, (), TODAY))
    return judge_survey(replace(project.context(TODAY), survey=seen))


def run(family: Family, heard: Heard | None = None) -> tuple[object, ...]:
    report = bake(family.work(), Options(smoke=False), heard or Heard(), reproduce=str)
    return (report.code, *(result.build for result in report.results))


def test_check_finds_an_image_over_its_budget_at_the_budgets_line(heavy: Family) -> None:
    (found,) = said(allow(heavy, "2 MB"))
    assert found.message == "the image weighs 3.0 MB, and the budget of `base` is 2.0 MB"
    assert found.subjects == ("cpu-base-debian12-py3.11",)
    assert found.where
    assert found.where.line == len(Path(heavy.file).read_text().splitlines())
    assert not said(allow(heavy, "3.1 MB"))


def test_bake_refuses_it_whenever_it_was_built(heavy: Family) -> None:
    allow(heavy, "2 MB")
    heard = Heard()
    code, outcome = run(heavy, heard)
    assert code is ExitCode.BUILD_FAILED
    assert isinstance(outcome, Failed)
    assert outcome.cause is Cause.BUDGET
    assert heard.lines == ["Failed cpu-base-debian12-py3_11-amd64"]
    assert "it weighs 3.0 MB, and the budget of `base` is 2.0 MB" in outcome.log
    assert str(heavy.file) in outcome.log[1]
    allow(heavy, "3.1 MB")
    code, outcome = run(heavy)
    assert code is ExitCode.DONE
    assert isinstance(outcome, Reused)


def test_release_refuses_it(heavy: Family) -> None:
    allow(heavy, "2 MB")
    with Registry() as registry:
        report = release(registry, order(registry, heavy.work(), datetime.now(UTC)))
    (outcome,) = report.outcomes
    assert isinstance(outcome, Refused)
    assert any("it weighs 3.0 MB, and its budget is 2.0 MB" in reason for reason in outcome.reasons)


def test_an_app_has_a_budget_of_its_own(family: Callable[..., Family]) -> None:
    made = with_app(family(CPU))
    made.file.write_text(made.file.read_text().replace("{WORD: hi}", "{WORD: hi}\n    budget: 2 MB"))
    over, app = made.work().builds
    assert over.budget is None
    with Registry() as registry:
        stage(registry, app)
    (found,) = said(read(made.file, TODAY))
    assert found.message == "the image weighs 3.0 MB, and the budget of `hello` is 2.0 MB"
    assert found.where
    assert "budget: 2 MB" in made.file.read_text().splitlines()[found.where.line - 1]
    with Registry() as registry:
        digest = registry.manifest(app.image).digest
        failed = too_heavy(registry, app, digest, str)
    assert failed
    assert failed.log[0] == "it weighs 3.0 MB, and the budget of `hello` is 2.0 MB"


@pytest.mark.engine
def test_bake_refuses_what_it_has_just_built(family: Callable[..., Family]) -> None:
    made = family(CPU)
    allow(made, "1 MB")
    code, outcome = run(made)
    assert code is ExitCode.BUILD_FAILED
    assert isinstance(outcome, Failed)
    assert outcome.cause is Cause.BUDGET
