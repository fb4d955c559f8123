"""Job matrices: every cell that has something to do is in exactly one job, and there are never too many."""

import json
from collections import Counter
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builder.matrix.select import Selector, Shard
from builder.model.cell import Level, Target
from builder.model.errors import BuilderError, ExitCode
from builder.model.platform import Platform
from builder.pipeline.jobs import MOST_JOBS, Runners, build_jobs, smoke_jobs
from builder.report.jobs import Job, github
from tests.automation.steps import steps, targets
from tests.servers.images import AMD64, ARM64

PLATFORMS = (AMD64, ARM64)
HOSTED, OWN = Runners.hosted(), Runners.own(most=8)


def cells_of(job: Job, family: Sequence[Target]) -> list[tuple[str, Platform]]:
    """What a command with the job's flags works on, cut by the code that the command cuts with."""
    selected = Selector.parse([f"platform={job.platform}"])(family)
    mine = Shard.parse(job.shard)(selected)
    return [(target.name, cell.platform) for target in mine for cell in target.cells]


def test_600_cells_come_to_at_most_256_jobs_with_each_cell_in_one() -> None:
    family = targets(300)
    jobs = build_jobs(family, steps(family), HOSTED)
    assert 200 < len(jobs) <= MOST_JOBS
    counted = Counter(cell for job in jobs for cell in cells_of(job, family))
    assert counted == Counter((t.name, cell.platform) for t in family for cell in t.cells)
    sizes = [job.images for job in jobs]
    assert sum(sizes) == 600
    assert max(sizes) - min(sizes) <= 1


def test_no_work_is_no_jobs_and_an_empty_output() -> None:
    family = targets(3)
    done = steps(family, staged=lambda *_: True, passed=lambda *_: frozenset({Level.CPU}))
    found = {"build": build_jobs(family, done, HOSTED), "smoke": smoke_jobs(family, done, OWN)}
    assert github(found) == "build=\nsmoke="


@given(st.data(), st.integers(0, 40), st.integers(1, MOST_JOBS), st.sampled_from([PLATFORMS, (ARM64,)]))
def test_every_missing_cell_is_in_exactly_one_job(
    data: st.DataObject, count: int, most: int, platforms: tuple[Platform, ...]
) -> None:
    family = targets(count, platforms)
    every = [(target.name, platform) for target in family for platform in platforms]
    missing = set(data.draw(st.lists(st.sampled_from(every), unique=True))) if every else set()
    plan = steps(
        family,
        staged=lambda *cell: cell not in missing,
        passed=lambda *cell: frozenset() if cell in missing else frozenset({Level.CPU}),
    )
    jobs = build_jobs(family, plan, Runners.hosted(most=most))
    counted = Counter(cell for job in jobs for cell in cells_of(job, family) if cell in missing)
    assert counted == Counter(missing)
    assert len(jobs) <= max(most, len(platforms))
    assert all(job.images for job in jobs)
    assert sum(job.images for job in jobs) == len(missing)


def test_a_cell_alone_has_its_own_job_while_there_is_room() -> None:
    family = targets(20)
    jobs = build_jobs(family, steps(family), HOSTED)
    assert [job.images for job in jobs] == [1] * 40
    assert jobs[0] == Job("t000", "linux/amd64", "1/20", ("ubuntu-24.04",), 1)


def test_jobs_stay_the_same_when_others_have_finished() -> None:
    """A job that starts late cuts the family as one that started early."""
    family = targets(30)
    late = steps(family, staged=lambda name, _: name < "t029", passed=lambda *_: frozenset({Level.CPU}))
    (job, _) = build_jobs(family, late, HOSTED)
    assert job in build_jobs(family, steps(family), HOSTED)


def test_a_staged_image_without_a_receipt_goes_to_bake_unless_it_needs_a_gpu() -> None:
    for level, kind in ((Level.CPU, build_jobs), (Level.GPU, smoke_jobs)):
        family = targets(2, require=level)
        plan = steps(family, staged=lambda *_: True)
        found = {build_jobs: build_jobs(family, plan, HOSTED), smoke_jobs: smoke_jobs(family, plan, OWN)}
        assert sum(job.images for job in found.pop(kind)) == 4
        assert list(found.values()) == [()]


def test_what_is_still_to_be_built_gets_its_gpu_job_too() -> None:
    family = targets(1, require=Level.GPU)
    jobs = smoke_jobs(family, steps(family), OWN)
    assert [job.runner for job in jobs] == [
        ("self-hosted", "linux", "x64", "gpu"),
        ("self-hosted", "linux", "arm64", "gpu"),
    ]


def test_a_cpu_receipt_is_not_enough_for_a_gpu_cell() -> None:
    family = targets(1, (AMD64,), require=Level.GPU)
    plan = steps(family, staged=lambda *_: True, passed=lambda *_: frozenset({Level.CPU}))
    assert len(smoke_jobs(family, plan, OWN)) == 1
    plan = steps(family, staged=lambda *_: True, passed=lambda *_: frozenset({Level.GPU}))
    assert not smoke_jobs(family, plan, OWN)


def test_few_runners_share_many_images() -> None:
    family = targets(50, require=Level.GPU)
    jobs = smoke_jobs(family, steps(family), Runners.own(most=4))
    assert len(jobs) <= 4
    assert sum(job.images for job in jobs) == 100
    assert jobs[0].name == "t000 and 24 more"


def test_runners_are_named_by_platform() -> None:
    runners = Runners.hosted(["linux/arm64=big,arm"])
    assert runners.of(ARM64) == ("big", "arm")
    assert runners.of(AMD64) == ("ubuntu-24.04",)


@pytest.mark.parametrize("word", ["big", "linux/arm64=", "linux/arm64=,", "nothing=big", "=big"])
def test_a_word_that_names_no_runner_is_refused(word: str) -> None:
    with pytest.raises(BuilderError, match="names no runner") as refused:
        Runners.hosted([word])
    assert refused.value.code is ExitCode.MATRIX


def test_a_platform_without_a_runner_stops_the_plan() -> None:
    family = targets(1, (Platform.parse("linux/riscv64"),))
    with pytest.raises(BuilderError, match="no runner is known for linux/riscv64"):
        build_jobs(family, steps(family), HOSTED)


def test_outputs_are_lines_of_json_that_survive_odd_names() -> None:
    job = Job('a "b"\nc', "linux/amd64", "1/1", ("x",), 1)
    line, empty = github({"build": [job], "smoke": []}).split("\n")
    name, _, matrix = line.partition("=")
    assert (name, empty) == ("build", "smoke=")
    assert json.loads(matrix)["include"] == [
        {"name": job.name, "platform": "linux/amd64", "shard": "1/1", "runner": ["x"], "images": 1}
    ]
