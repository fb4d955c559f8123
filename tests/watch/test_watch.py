"""`watch` on planted histories: each alarm is raised, once, and is over when its cause is.

The registry is real, GitHub is a server on loopback, and time is a value.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from builder.github.client import Github
from builder.github.errors import GithubError
from builder.github.wording import parse
from builder.model.errors import BuilderError, ExitCode
from builder.model.reference import Repository
from builder.pipeline.inputs.project import read
from builder.pipeline.jobs import Runners
from builder.pipeline.watch import Report, Watched, watch
from builder.registry import Registry
from builder.watch.limits import Limits
from tests.automation.commands import commands
from tests.automation.commands import parse as parse_command
from tests.servers.github import GithubServer, github_server
from tests.servers.images import push_image
from tests.servers.registry import RegistryServer

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 11, 21, 6, tzinfo=UTC)
GPU = {arch: ["self-hosted", "Linux", arch.upper(), "gpu"] for arch in ("x64", "arm64")}


@dataclass
class World:
    """A repository in good order: matrix, registry, schedule, runners. Tests break one thing of it."""

    github: GithubServer
    registry: Registry
    releases: Repository
    file: Path
    now: datetime = NOW
    matrix: dict[str, Any] = field(default_factory=dict)
    builders: tuple[str, ...] = ()

    def watch(self, *, dry_run: bool = False, github: Github | BuilderError | None = None) -> Report:
        self.file.write_text(yaml.safe_dump(self.matrix))
        project = read(self.file, self.now.date())
        watched = Watched(project, ("images.yml",), Runners.hosted(self.builders), Runners.own(), Limits())
        with Github(self.github.settings) as client:
            return watch(watched, self.registry, github or client, self.now, dry_run=dry_run)

    def release(self, name: str) -> None:
        push_image(self.registry, self.releases.tag(name))

    def move(self, path: str) -> None:
        self.releases = Repository(self.releases.registry, path)
        self.matrix["release"] = str(self.releases)

    def base(self, cuda: str) -> None:
        self.matrix["axes"]["cuda"] = cuda


@pytest.fixture
def world(server: RegistryServer, registry: Registry, tmp_path: Path) -> Iterator[World]:
    releases = server.repository("acme/cuda")
    matrix = {
        "release": str(releases),
        "staging": f"{server.host}/acme/staging",
        "axes": {"cuda": "13.2.1", "os": "ubuntu24.04", "platform": ["linux/amd64", "linux/arm64"]},
        "tags": {"release": "{cuda}-{epoch:%Y%m%d}"},
    }
    with github_server() as github:
        github.workflow("images.yml", created=NOW - timedelta(days=300))
        for file in ("watch.yml", "lock.yml"):
            github.workflow(file, created=NOW - timedelta(days=300))
        github.run("images.yml", NOW - timedelta(days=5))
        github.commits.append(NOW - timedelta(days=3))
        github.runner("gpu-1", GPU["x64"])
        github.runner("gpu-2", GPU["arm64"])
        made = World(github, registry, releases, tmp_path / "matrix.yaml", matrix=matrix)
        made.release("release-20261119-7")
        yield made


def state(github: GithubServer, file: str, to: str) -> None:
    (found,) = [workflow for workflow in github.workflows if workflow["name"] == file]
    found["state"] = to


def status(github: GithubServer, name: str, to: str) -> None:
    (found,) = [runner for runner in github.runners if runner["name"] == name]
    found["status"] = to


def gone_with_a_spare(world: World) -> None:
    status(world.github, "gpu-1", "offline")
    world.github.runner("gpu-3", GPU["x64"])


def lent_and_offline(world: World) -> None:
    world.github.runners.pop(0)
    world.github.lend("lent-1", GPU["x64"], "offline")


def a_builder_goes(world: World) -> None:
    world.builders = ("linux/arm64=self-hosted,graviton",)
    world.github.runner("builder-1", ["self-hosted", "graviton"], "offline")
    world.github.runner("builder-2", ["self-hosted", "graviton"])


def last_released_long_ago(world: World) -> None:
    world.move("acme/other")
    world.release("release-20261001-1")


def wait(world: World) -> None:
    run = world.github.run("images.yml", NOW - timedelta(hours=9), ended="in_progress")
    world.github.job(run, "test t (linux/arm64, GPU)", GPU["arm64"], NOW - timedelta(hours=8))


def hold(world: World) -> None:
    world.github.run("images.yml", NOW - timedelta(days=4), ended="waiting")


Act = Callable[[World], Any]
CASES: dict[str, tuple[Act, Act]] = {
    "schedule-off images.yml": (
        lambda w: state(w.github, "images.yml", "disabled_manually"),
        lambda w: state(w.github, "images.yml", "active"),
    ),
    "schedule-off watch.yml": (
        lambda w: state(w.github, "watch.yml", "disabled_inactivity"),
        lambda w: state(w.github, "watch.yml", "active"),
    ),
    "schedule-not-green images.yml": (
        lambda w: w.github.runs[0].update(conclusion="failure"),
        lambda w: w.github.run("images.yml", NOW),
    ),
    "schedule-ending acme/cuda": (
        lambda w: w.github.commits.insert(0, w.github.commits.pop() - timedelta(days=50)),
        lambda w: w.github.commits.append(NOW),
    ),
    "runner-offline gpu-1": (
        gone_with_a_spare,
        lambda w: status(w.github, "gpu-1", "online"),
    ),
    "label-unserved GPU tests on linux/arm64": (
        lambda w: status(w.github, "gpu-2", "offline"),
        lambda w: status(w.github, "gpu-2", "online"),
    ),
    "label-unserved GPU tests on linux/amd64": (
        lent_and_offline,
        lambda w: w.github.lend("lent-2", GPU["x64"]),
    ),
    "runner-offline builder-1": (
        a_builder_goes,
        lambda w: status(w.github, "builder-1", "online"),
    ),
    "job-waiting arm64 gpu linux self-hosted": (wait, lambda w: w.github.jobs.clear()),
    "release-held images.yml": (
        hold,
        lambda w: w.github.runs[-1].update(status="completed", conclusion="success"),
    ),
    "base-end 13.1.2": (lambda w: w.base("13.1.2"), lambda w: w.base("13.2.1")),
    "base-deletion 12.9.2": (lambda w: w.base("12.9.2"), lambda w: w.base("13.2.1")),
    "os-end debian12": (
        lambda w: w.matrix["axes"].update(os="debian12"),
        lambda w: w.matrix["axes"].update(os="ubuntu24.04"),
    ),
    "driver-end 590": (
        lambda w: w.matrix.update(hosts=[{"gpu": "L4", "driver": "590.44.01"}]),
        lambda w: w.matrix.update(hosts=[{"gpu": "L4", "driver": "580.95.05"}]),
    ),
    "release-old": (last_released_long_ago, lambda w: w.release("release-20261120-2")),
    "release-old, none at all": (lambda w: w.move("acme/new"), lambda w: w.release("release-20261120-1")),
}


def test_all_is_well(world: World) -> None:
    report = world.watch()
    assert (report.alarms, report.unseen) == ((), ())
    assert not world.github.writes


@pytest.mark.parametrize("name", CASES)
def test_an_alarm_is_raised_once_and_closed_when_it_is_over(world: World, name: str) -> None:
    plant, heal = CASES[name]
    plant(world)
    expected = name.partition(",")[0]
    raised = world.watch()
    assert expected in {alarm.id for alarm in raised.alarms} | {alarm.kind for alarm in raised.alarms}
    assert raised.change
    assert raised.change.raised == raised.alarms
    (issue,) = world.github.open
    assert parse(issue["body"]).alarms == raised.alarms

    writes = len(world.github.writes)
    again = world.watch()
    assert again.alarms == raised.alarms
    assert again.change
    assert again.change.raised == ()
    assert len(world.github.writes) == writes, "a second look says nothing"

    heal(world)
    healed = world.watch()
    assert healed.alarms == ()
    assert healed.change
    assert healed.change.over == raised.alarms
    assert world.github.open == []
    assert len(world.github.issues) == len(world.github.comments) == 1


def test_all_alarms_at_once_are_one_issue(world: World) -> None:
    for plant, _ in CASES.values():
        plant(world)
    kinds = {name.partition(" ")[0].rstrip(",") for name in CASES}
    assert {alarm.kind for alarm in world.watch().alarms} == kinds
    assert len(world.github.open) == 1


def test_without_the_permission_to_see_runners_the_rest_is_seen_and_nothing_is_over(world: World) -> None:
    status(world.github, "gpu-1", "offline")
    alarms = world.watch().alarms
    assert [alarm.kind for alarm in alarms] == ["runner-offline", "label-unserved"]
    world.github.denied = {"/actions/runners"}
    report = world.watch()
    assert [unseen.kinds for unseen in report.unseen] == [{alarm.kind} for alarm in alarms]
    assert all("may not do this" in unseen.why for unseen in report.unseen)
    assert report.alarms == ()
    assert report.change
    assert report.change.over == ()
    assert parse(world.github.open[0]["body"]).alarms == alarms


def test_labels_that_no_runner_of_the_repository_has_are_no_alarm_until_a_job_waits(world: World) -> None:
    world.github.runners.clear()
    assert world.watch().alarms == (), "an organization, an enterprise or an autoscaler may serve them"
    wait(world)
    assert [alarm.kind for alarm in world.watch().alarms] == ["job-waiting"]


def test_an_organization_that_does_not_show_its_runners_raises_and_ends_nothing(world: World) -> None:
    status(world.github, "gpu-2", "offline")
    world.watch()
    world.github.denied = {"/orgs/acme/actions/runners"}
    report = world.watch()
    assert [alarm.id for alarm in report.alarms] == ["runner-offline gpu-2"]
    (unseen,) = report.unseen
    assert unseen.kinds == {"label-unserved"}
    assert report.change
    assert report.change.over == ()


def test_an_offline_runner_is_no_want_of_one_where_the_organization_lends_another(world: World) -> None:
    status(world.github, "gpu-2", "offline")
    world.github.lend("lent-1", GPU["arm64"])
    assert [alarm.id for alarm in world.watch().alarms] == ["runner-offline gpu-2"]


def test_a_person_has_no_organization_to_ask(world: World) -> None:
    world.github.owner = "User"
    status(world.github, "gpu-2", "offline")
    report = world.watch()
    assert [alarm.kind for alarm in report.alarms] == ["runner-offline", "label-unserved"]
    assert report.unseen == ()
    assert not any("/orgs/" in asked for asked in world.github.asked)


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
