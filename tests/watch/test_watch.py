"""`watch` where all is well, where it cannot see, and where it may not write.

The registry is real, GitHub is a server on loopback, and time is a value.
"""

from datetime import timedelta
from pathlib import Path

import pytest

from builder.github.errors import GithubError
from builder.model.errors import BuilderError, ExitCode
from tests.automation.commands import commands
from tests.automation.commands import parse as parse_command
from tests.watch.world import NOW, World, gone_with_a_spare, hold

ROOT = Path(__file__).parents[2]


def test_all_is_well(world: World) -> None:
    report = world.watch()
    assert (report.alarms, report.unseen) == ((), ())
    assert not world.github.writes


def test_a_registry_that_cannot_be_asked_ends_no_alarm(world: World) -> None:
    world.matrix["release"] = "127.0.0.1:1/acme/cuda"
    report = world.watch()
    assert [unseen.kinds for unseen in report.unseen] == [{"release-old"}]
    assert report.alarms == ()


def test_github_in_trouble_is_an_error_and_changes_nothing(world: World) -> None:
    world.github.fail = [(503, {}, {})] * 9
    with pytest.raises(GithubError, match="in trouble"):
        world.watch()
    assert not world.github.writes


def test_a_new_workflow_gets_time_for_its_first_good_run(world: World) -> None:
    world.github.runs.clear()
    workflow = world.github.workflows[0]
    workflow["created_at"] = "2026-11-15T00:00:00Z"
    assert world.watch().alarms == ()
    workflow["created_at"] = "2026-11-01T00:00:00Z"
    assert [alarm.id for alarm in world.watch().alarms] == ["schedule-not-green images.yml"]


def test_private_repositories_are_not_stopped_for_being_quiet(world: World) -> None:
    world.github.commits = [NOW - timedelta(days=200)]
    world.github.private = True
    assert world.watch().alarms == ()


def test_a_workflow_that_is_not_there_is_said(world: World) -> None:
    world.github.workflows.pop(0)
    assert "there is no workflow `images.yml`" in world.watch().alarms[0].what


def test_a_dry_run_reads_and_writes_nothing(world: World) -> None:
    gone_with_a_spare(world)
    report = world.watch(dry_run=True)
    assert [alarm.kind for alarm in report.alarms] == ["runner-offline"]
    assert report.change is None
    assert not world.github.writes


def test_a_dry_run_without_github_says_what_it_did_not_see(world: World) -> None:
    missing = BuilderError(ExitCode.MATRIX, "no repository is named", fix="Name one.")
    world.base("13.1.2")
    report = world.watch(dry_run=True, github=missing)
    assert [alarm.id for alarm in report.alarms] == ["base-end 13.1.2"]
    (unseen,) = report.unseen
    assert "schedule-off" in unseen.kinds
    assert not world.github.asked


def test_the_flags_that_name_runners_serve_plan_and_watch() -> None:
    guide = (ROOT / "docs/guides/gpu-runner.md").read_text()
    (flags,) = [words[3:] for words in commands(guide) if words[:3] == ["plan", "--format", "github"]]
    assert "--gpu-runner" in flags
    for words in (["plan", *flags], ["watch", *flags, "--runner", "linux/arm64=graviton", "--max-jobs", "9"]):
        parse_command(words)
    named = [(ROOT / ".github/workflows" / file).read_text() for file in ("images.yml", "watch.yml")]
    assert all("vars.BUILDER_RUNNERS" in text for text in named)


def test_a_run_that_waits_for_approval_is_given_some_days(world: World) -> None:
    world.github.run("images.yml", NOW - timedelta(days=2), ended="waiting")
    world.github.run("lock.yml", NOW - timedelta(days=20), ended="waiting")
    assert world.watch().alarms == ()
    hold(world)
    world.github.run("images.yml", NOW - timedelta(days=1), ended="waiting")
    (alarm,) = world.watch().alarms
    assert "waiting for approval for 4 days" in alarm.what
    world.github.runs[-2].update(run_started_at="2026-11-20T06:00:00Z")
    assert world.watch().alarms == (), "an attempt that began anew"
