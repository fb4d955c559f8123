"""What a run will take still, by what its images took the last time."""

from dataclasses import replace

from builder.model.progress import Outlook
from builder.pipeline.staging.estimate import Estimate
from builder.pipeline.staging.plan import Step
from tests.bake.samples import all_builds


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def steps(*expected: int | None) -> list[Step]:
    build = next(iter(all_builds().values()))
    return [Step(replace(build, name=f"b{i}"), None, expected=it) for i, it in enumerate(expected)]


def test_a_build_is_expected_to_take_what_it_took() -> None:
    clock = Clock()
    estimate = Estimate(steps(100, None), 2, clock)
    clock.seconds = 50  # it waited for its turn
    assert estimate.left("b0") == 100
    clock.seconds = 80
    assert estimate.left("b0") == 70
    clock.seconds = 500
    assert estimate.left("b0") == 0
    assert estimate.left("b1") is None


def test_all_builds_share_the_jobs_and_none_is_faster_than_its_slowest() -> None:
    clock = Clock()
    estimate = Estimate(steps(60, 60, 60), 2, clock)
    assert estimate.outlook() == Outlook(0, 3, 90)
    estimate.left("b0")
    clock.seconds = 40
    estimate.end("b1")
    assert estimate.outlook() == Outlook(1, 3, 60)
    for name in ("b0", "b2"):
        estimate.end(name)
    assert estimate.outlook() == Outlook(3, 3, 0)


def test_what_was_never_built_is_taken_for_usual_and_nothing_is_said_of_nothing() -> None:
    assert Estimate(steps(40, 80, None), 1).outlook() == Outlook(0, 3, 180)
    assert Estimate(steps(None, None), 1).outlook() == Outlook(0, 2, None)
    assert Estimate((), 1).outlook() == Outlook(0, 0, None)
