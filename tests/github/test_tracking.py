"""One issue for all alarms: each is said once, and when all are over it closes."""

from collections.abc import Iterator

import pytest

from builder.github.client import Github
from builder.github.errors import GithubError
from builder.github.tracking import Tracker, parse, render, track
from builder.model.alarm import Alarm, Unseen
from tests.servers.github import GithubServer, github_server

TRACKER = Tracker("mark", "for tests", "Trouble", "What was found.")
ONE = Alarm("kind", "one", "one is -- wrong -->", "Mend it.")
TWO = Alarm("other", "two", "two is wrong", "Mend that.")


@pytest.fixture
def server() -> Iterator[GithubServer]:
    with github_server() as started:
        yield started


@pytest.fixture
def github(server: GithubServer) -> Iterator[Github]:
    with Github(server.settings) as client:
        yield client


def test_alarms_are_read_back_from_the_text_whatever_they_say() -> None:
    assert parse(render(TRACKER, [ONE, TWO])) == (ONE, TWO)


@pytest.mark.parametrize(
    "body", ["", "<!-- cuda-image-builder: [ -->", '<!-- cuda-image-builder: [{"x": 1}] -->']
)
def test_broken_data_is_no_alarm(body: str) -> None:
    assert parse(body) == ()


def test_no_alarm_writes_nothing(server: GithubServer, github: Github) -> None:
    assert track(github, TRACKER, []).url is None
    assert not server.writes


def test_the_life_of_an_issue(server: GithubServer, github: Github) -> None:
    first = track(github, TRACKER, [ONE])
    assert (first.raised, first.over) == ((ONE,), ())
    (issue,) = server.open
    assert (issue["title"], issue["labels"]) == ("Trouble (1)", [{"name": "mark"}])
    assert server.comments == []

    writes = len(server.writes)
    assert track(github, TRACKER, [ONE]).raised == ()
    assert len(server.writes) == writes, "the same alarms again say nothing"

    second = track(github, TRACKER, [ONE, TWO])
    assert (second.raised, second.over, second.url) == ((TWO,), (), first.url)
    assert len(server.comments) == 1
    assert TWO.what in server.comments[0][1]
    assert ONE.what not in server.comments[0][1]

    assert track(github, TRACKER, [TWO]).over == (ONE,)
    assert server.open == [issue]
    assert issue["title"] == "Trouble (1)"

    assert track(github, TRACKER, []).over == (TWO,)
    assert server.open == []
    assert issue["state_reason"] == "completed"
    assert len(server.comments) == 3

    track(github, TRACKER, [ONE])
    assert [told["number"] for told in server.open] == [2], "what begins anew has an issue of its own"


def test_new_figures_change_the_text_and_call_nobody(server: GithubServer, github: Github) -> None:
    track(github, TRACKER, [ONE])
    older = Alarm(ONE.kind, ONE.subject, "one is wrong for 2 days", ONE.fix)
    change = track(github, TRACKER, [older])
    assert (change.raised, change.over, server.comments) == ((), (), [])
    assert older.what in server.open[0]["body"]


def test_what_nobody_could_look_at_is_not_over(server: GithubServer, github: Github) -> None:
    track(github, TRACKER, [ONE, TWO])
    change = track(github, TRACKER, [], [Unseen(frozenset({TWO.kind}), "no permission")])
    assert change.over == (ONE,)
    assert parse(server.open[0]["body"]) == (TWO,)


def test_a_run_that_died_between_text_and_comment_or_closing_is_finished(
    server: GithubServer, github: Github
) -> None:
    track(github, TRACKER, [ONE])
    server.open[0]["body"] = render(TRACKER, [])
    assert track(github, TRACKER, []).over == ()
    assert server.open == []


def test_of_two_issues_one_stays(server: GithubServer, github: Github) -> None:
    track(github, TRACKER, [ONE])
    server.issues.append({**server.issues[0], "number": 2})
    track(github, TRACKER, [ONE])
    assert [issue["number"] for issue in server.open] == [1]


def test_issues_of_others_with_the_label_are_left_alone(server: GithubServer, github: Github) -> None:
    server.labels.append("mark")
    github.send("POST", "/issues", {"title": "by hand", "body": "mine", "labels": ["mark"]})
    track(github, TRACKER, [ONE])
    track(github, TRACKER, [])
    assert [issue["title"] for issue in server.open] == ["by hand"]


def test_a_token_that_may_not_write_is_an_error(server: GithubServer, github: Github) -> None:
    server.denied = {"/issues", "/labels"}
    with pytest.raises(GithubError, match="may not do this"):
        track(github, TRACKER, [ONE])
