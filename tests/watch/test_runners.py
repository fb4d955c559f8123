"""What of their runners a repository and its organization show, and what follows where they do not."""

from builder.github.wording import parse
from tests.watch.world import GPU, World, status, wait


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
