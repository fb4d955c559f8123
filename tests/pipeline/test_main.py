"""The main job on a real engine: built once, tested, found again, and honest about what fails."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from builder.bake.definition import Build
from builder.engine.client import connect
from builder.engine.info import engine_info
from builder.matrix import lock as locks
from builder.model.cell import Level
from builder.model.digest import Digest
from builder.model.errors import ExitCode
from builder.model.outcome import Built, Cause, Failed, Reused, Tested, TestOutcome
from builder.model.platform import Platform
from builder.model.receipt import Receipt, Status
from builder.pipeline.bake import Options, bake, bench_of, smoke
from builder.pipeline.existing.candidates import order
from builder.pipeline.inputs.project import lock_path
from builder.pipeline.release import release
from builder.pipeline.staging.plan import Step, plan
from builder.pipeline.staging.smoke import attach
from builder.pipeline.staging.smoke import smoke as smoke_one
from builder.registry import Registry
from tests.pipeline.conftest import CPU, CUDA, Family, make_family
from tests.pipeline.heard import Heard
from tests.pipeline.runs import run
from tests.servers.fault_proxy import Moment, Trip, fault_proxy
from tests.servers.registry import registry_server

pytestmark = pytest.mark.engine


def one_step(family: Family) -> Step:
    work = family.work()
    with Registry() as registry:
        (step,) = plan(registry, work.builds, work.terms)
    return step


def test_built_tested_and_then_left_alone(family: Callable[..., Family]) -> None:
    made, heard = family(CPU), Heard()
    first = run(made, heard=heard)
    (result,) = first.results
    assert isinstance(result.build, Built)
    assert isinstance(result.test, Tested)
    assert result.test.receipt.passed
    assert result.test.receipt.level is Level.CPU
    assert result.test.receipt.subject == result.build.digest
    with Registry() as registry:
        image = registry.manifest(made.server.repository("acme/staging").at(result.build.digest))
    assert result.test.receipt.unpacked > image.size
    assert first.code == ExitCode.DONE
    assert heard.steps[-1].done == heard.steps[-1].known > 0
    name = result.step.build.name
    assert heard.lines == [f"Built {name}", f"testing {name}", f"Tested {name}"]

    heard = Heard()
    second = run(made, heard=heard)
    assert [r.build for r in second.results] == [Reused(result.build.digest)]
    assert heard == Heard()
    assert second.requests.total == 1
    assert second.requests.writes == 0


def test_nothing_to_do_needs_no_engine(
    family: Callable[..., Family], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = family(CPU)
    run(made)
    monkeypatch.setenv("DOCKER_HOST", "unix:///nonexistent.sock")
    assert run(made).code == ExitCode.DONE


def test_a_step_that_fails_in_one_cell_costs_only_that_cell(family: Callable[..., Family]) -> None:
    made = family(CPU, CUDA)
    path = lock_path(made.file)
    right = path.read_text()
    lock = locks.parse(right.encode(), str(path))
    wrong = {
        name: tuple(
            replace(wheel, digest=Digest.of(b"tampered")) if wheel.name.startswith("nvidia-") else wheel
            for wheel in wheels
        )
        for name, wheels in lock.wheels.items()
    }
    path.write_text(locks.dump(replace(lock, wheels=wrong)))
    report = run(made)
    outcomes = {result.step.cell.cuda: result for result in report.results}
    failed = outcomes["13.0.2"].build
    assert isinstance(outcomes[""].build, Built)
    assert isinstance(outcomes[""].test, Tested)
    assert isinstance(failed, Failed)
    assert failed.cause is Cause.TRUST
    assert "install-wheels" in failed.step
    assert any("hash" in line.lower() for line in failed.log)
    assert failed.reproduce == f"again {outcomes['13.0.2'].step.build.name}"
    assert report.code == ExitCode.BUILD_FAILED

    path.write_text(right)
    again = run(made)
    kinds = {result.step.cell.cuda: type(result.build) for result in again.results}
    assert kinds == {"": Reused, "13.0.2": Built}
    assert again.code == ExitCode.DONE


def test_a_registry_that_dies_in_the_middle_of_a_push(tmp_path: Path) -> None:
    folder = tmp_path / "registry"
    with ExitStack() as living:
        dying = living.enter_context(registry_server(folder))
        with fault_proxy(dying.host) as proxy:
            made = make_family(tmp_path / "family", proxy, CPU)
            proxy.trip = Trip(2, Moment.BEFORE, living.close)
            cut = run(made)
            failed = cut.results[0].build
            assert cut.code == ExitCode.BUILD_FAILED
            assert isinstance(failed, Failed)
            assert failed.cause is Cause.REGISTRY, failed
            port = int(dying.host.rpartition(":")[2])
            with registry_server(folder, port=port):
                report = run(made)
                assert report.code == ExitCode.DONE
                assert isinstance(report.results[0].test, Tested)


def test_smoke_tests_what_is_staged_and_builds_nothing(family: Callable[..., Family]) -> None:
    made = family(CPU)
    assert smoke(made.work(), Heard()).code == ExitCode.BUILD_FAILED
    bake(made.work(), Options(smoke=False), Heard(), reproduce=str)
    report = smoke(made.work(), Heard())
    assert isinstance(report.results[0].test, Tested)
    assert report.code == ExitCode.DONE


def outcome_as(family: Family, change: Callable[[Build], Build]) -> TestOutcome:
    """The staged image under the promise of another cell."""
    step = one_step(family)
    assert step.staged
    docker = connect()
    with Registry() as registry, bench_of(docker, engine_info(docker), registry, family.work()) as bench:
        changed = replace(step, build=change(step.build))
        return smoke_one(bench, changed, {changed.build.name: step.staged})


def as_cell(**changes: object) -> Callable[[Build], Build]:
    return lambda build: replace(
        build,
        recipe=replace(build.recipe, cell=replace(build.recipe.cell, **changes)),  # type: ignore[arg-type]
    )


def failed_checks(outcome: TestOutcome) -> set[str]:
    assert isinstance(outcome, Tested), outcome
    assert not outcome.receipt.passed
    return set(outcome.receipt.ids(Status.FAILED))


def test_planted_faults_are_refused_by_name(family: Callable[..., Family]) -> None:
    made = family(CUDA)
    run(made)
    assert any("torch" in name for name in failed_checks(outcome_as(made, as_cell(torch="2.13.0"))))
    assert any(
        "cudart" in name or "toolkit" in name
        for name in failed_checks(outcome_as(made, as_cell(cuda="13.1.0")))
    )
    assert any(
        "os" in name or "platform" in name for name in failed_checks(outcome_as(made, as_cell(os="debian13")))
    )
    components = (*one_step(made).cell.components, "nvcc")
    assert any(
        "nvcc" in name or "compiler" in name
        for name in failed_checks(outcome_as(made, as_cell(components=components)))
    )


def test_amd64_bits_under_arm64_have_no_passing_test(family: Callable[..., Family]) -> None:
    made = family(CPU)
    run(made)
    outcome = outcome_as(made, as_cell(platform=Platform("linux", "arm64")))
    assert not (isinstance(outcome, Tested) and outcome.receipt.passed)


def test_a_receipt_for_another_digest_releases_nothing(family: Callable[..., Family]) -> None:
    made = family(CPU)
    bake(made.work(), Options(smoke=False), Heard(), reproduce=str)
    work, step = made.work(), one_step(made)
    assert step.staged
    with Registry() as registry:
        other = registry.manifest(step.build.staging.at(step.staged))
        pushed = registry.put_manifest(
            step.build.staging, other.content + b"\n", other.media_type, tag="other"
        )
        receipt = passing(pushed.digest, work.terms.probe, work.terms.policy)
        attach(registry, step, receipt, work.terms)
        report = release(registry, order(registry, work, datetime.now(UTC)))
        assert report.code == ExitCode.REFUSED
        assert registry.tags(made.server.repository("acme/cuda")) == ()


def passing(subject: Digest, probe: Digest, policy: Digest) -> Receipt:
    from builder.model.receipt import Check

    checks = (Check("probe.complete", "it ran", Status.PASSED, 1), Check("a", "b", Status.PASSED, 1))
    return Receipt(subject, Level.CPU, True, probe, policy, checks, datetime.now(UTC).replace(microsecond=0))


def test_two_registries_end_with_the_same_digests(
    family: Callable[..., Family], shared_server: object, tmp_path: object
) -> None:
    first = family(CPU)
    second = make_family(first.file.parent.parent / "second", shared_server, CPU)  # type: ignore[arg-type]
    digests = [run(made).results[0].build for made in (first, second)]
    assert all(isinstance(outcome, Built) for outcome in digests)
    assert len({outcome.digest for outcome in digests if isinstance(outcome, Built)}) == 1
