"""Each alarm on a planted history: it is raised, once, and is over when its cause is."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from builder.github.wording import parse
from tests.servers.github import GithubServer
from tests.watch.world import GPU, NOW, World, gone_with_a_spare, hold, status, wait


def state(github: GithubServer, file: str, to: str) -> None:
    (found,) = [workflow for workflow in github.workflows if workflow["name"] == file]
    found["state"] = to


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
