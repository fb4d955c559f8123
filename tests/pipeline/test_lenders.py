"""Images without Python on a real engine: built for both platforms, tested with one that another lends."""

import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from builder.engine.client import connect
from builder.matrix import lock as locks
from builder.matrix.lock import Lock
from builder.model.digest import Digest
from builder.model.errors import ExitCode
from builder.model.outcome import Built, Failed, Reused, Tested, Untested
from builder.model.receipt import Status
from builder.model.release import Published
from builder.pipeline.bake import Report, smoke
from builder.pipeline.existing.candidates import order
from builder.pipeline.inputs.project import lock_path
from builder.pipeline.prune import prune, retention
from builder.pipeline.release import release
from builder.registry import Registry
from tests.pipeline.conftest import Family, make_family
from tests.pipeline.heard import Heard
from tests.pipeline.runs import run
from tests.servers.registry import RegistryServer

pytestmark = pytest.mark.engine

BARE = "- {cuda: cpu, os: debian12, python: none}"
BOTH = "[linux/amd64, linux/arm64]"
NAME, LENDER = "cpu-base-debian12", "lender-debian12-py3.11"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, shared_server: RegistryServer) -> tuple[Family, Report]:
    family = make_family(tmp_path_factory.mktemp("bare"), shared_server, BARE, platforms=BOTH)
    return family, run(family)


def test_both_platforms_are_tested_with_a_python_that_is_lent(made: tuple[Family, Report]) -> None:
    _, report = made
    assert report.code == ExitCode.DONE
    assert [result.step.build.target for result in report.results].count(LENDER) == 2
    lent = {}
    for result in report.results:
        assert isinstance(result.build, Built)
        assert isinstance(result.test, Tested), result.test
        receipt = result.test.receipt
        assert receipt.passed, receipt
        checks = {check.id: check.detail for check in receipt.checks}
        platform = result.step.cell.platform
        if result.step.build.target == LENDER:
            lent[platform] = str(result.build.digest)
            assert checks["platform.python"].startswith("3.11")
        else:
            assert receipt.host["lender"] == lent[platform]
            assert checks["platform.no-python"] == "none, this one is /lent/bin/python3.11"
            assert "platform.python" not in checks
            assert f"ELF64 {platform.machine}" in checks["platform.machine"]


def test_nothing_of_a_lender_stays_on_the_engine(made: tuple[Family, Report]) -> None:
    _, report = made
    docker = connect()
    images = {str(one.step.build.staging.at(_digest(one.build))) for one in report.results}
    assert not any(docker.image.exists(image) for image in images)


def test_only_the_image_is_released_and_staging_keeps_its_lender(
    made: tuple[Family, Report],
) -> None:
    family, _ = made
    work = family.work()
    assert [target.name for target in work.selected] == [NAME]
    now = datetime.now(UTC)
    with Registry() as registry:
        outcomes = release(registry, order(registry, work, now)).outcomes
        assert [type(outcome) for outcome in outcomes] == [Published]
        assert registry.tags(family.server.repository("acme/cuda")) != ()
        staging = work.builds[0].staging
        pruned = prune(registry, staging, retention(work, keep=0, days=0), now.date())
        assert pruned.manifests == ()


def test_nothing_is_done_twice(made: tuple[Family, Report]) -> None:
    again = run(made[0])
    assert {type(result.build) for result in again.results} == {Reused}
    assert [result.test for result in again.results] == [None] * 4
    assert again.requests.total == 1


def copied(made: Family, folder: Path, old: str = "", new: str = "") -> Family:
    """The family once more, for one platform and with something else in its matrix."""
    shutil.copytree(made.file.parent, folder)
    family = Family(folder / made.file.name, made.server)
    family.file.write_text(family.file.read_text().replace(BOTH, "linux/amd64").replace(old, new))
    return family


def test_without_its_lender_an_image_is_built_and_not_tested(
    made: tuple[Family, Report], tmp_path: Path
) -> None:
    family = copied(made[0], tmp_path / "family", "zstd", "gzip")  # which is another key
    path = lock_path(family.file)
    good = path.read_bytes()
    path.write_text(locks.dump(_spoilt(locks.parse(good, str(path)))))
    lender, image = run(family).results
    assert isinstance(lender.build, Failed)
    assert isinstance(image.build, Built)
    assert image.test == Untested(f"{lender.step.build.name}, whose Python the test takes, is not staged")

    report = smoke(family.work(), Heard())
    assert [type(result.test) for result in report.results] == [type(None), Untested]
    path.write_bytes(good)
    lender, image = run(family).results
    assert isinstance(lender.build, Built)
    assert isinstance(image.build, Reused)
    assert isinstance(image.test, Tested)
    assert image.test.receipt.passed


APP = """
apps:
  hello:
    context: hello
    test: [/opt/hello]
    tags: {release: "{app}-{cuda}-{epoch:%Y%m%d}"}
"""
DOCKERFILE = """\
FROM base
COPY --chmod=755 hello /opt/hello
"""


def test_an_app_inherits_it(made: tuple[Family, Report], tmp_path: Path) -> None:
    family = copied(made[0], tmp_path / "family")
    folder = family.file.parent / "hello"
    folder.mkdir()
    (folder / "Dockerfile").write_text(DOCKERFILE)
    (folder / "hello").write_text("#!/bin/sh\nif command -v python3; then exit 1; fi\necho $SMOKE_LEVEL\n")
    family.file.write_text(family.file.read_text() + APP)
    lender, over, app = run(family, "app=hello").results
    assert (lender.step.build.target, over.step.build.target) == (LENDER, NAME)
    assert isinstance(app.test, Tested)
    told = {check.id: check.detail for check in app.test.receipt.checks}
    assert app.test.receipt.passed, told
    assert told["app.test"] == "cpu"

    (folder / "Dockerfile").write_text(
        f"{DOCKERFILE}USER root\nRUN cp /bin/true /usr/bin/python3\nUSER cuda\n"
    )
    *_, app = run(family, "app=hello").results
    assert isinstance(app.test, Tested)
    assert app.test.receipt.ids(Status.FAILED) == ("platform.no-python", "app.test")


def _digest(outcome: object) -> Digest:
    assert isinstance(outcome, Built | Reused)
    return outcome.digest


def _spoilt(lock: Lock) -> Lock:
    """The lock with another pip, which is all that a lender has of wheels."""
    wrong = {
        name: tuple(replace(wheel, digest=Digest.of(b"tampered")) for wheel in wheels)
        for name, wheels in lock.wheels.items()
    }
    return replace(lock, wheels=wrong)
