"""One issue for all alarms: each is said once, and when all are over it closes."""

import base64
import zlib
from collections.abc import Iterator

import pytest

from builder.github import issues
from builder.github.client import Github
from builder.github.errors import GithubError
from builder.github.tracking import track
from builder.github.wording import Told, Tracker, parse, render
from builder.model.alarm import Alarm, Unseen
from tests.servers.github import GithubServer, github_server

TRACKER = Tracker("mark", "for tests", "Trouble", "What was found.", "A log has all.")
ONE = Alarm("kind", "one", "one is -- wrong -->", "Mend it.")
TWO = Alarm("other", "two", "two is wrong", "Mend that.")


def failures(count: int) -> list[Alarm]:
    """As `notify` makes them of a family."""
    page = "([the run](https://github.test/acme/cuda/actions/runs/77))"
    names = [f"13.2.1-cudnn-devel-ubuntu24.04-py3.{n % 5}-torch2.{n // 5}" for n in range(count)]
    return [
        Alarm(
            "not-built",
            f"{name} linux/amd64",
            f"{name} (linux/amd64) is not built {page}",
            f"`python -m builder bake -f matrix.yaml {name} --platform linux/amd64`",
        )
        for name in names
    ]


@pytest.fixture
def server() -> Iterator[GithubServer]:
    with github_server() as started:
        yield started


@pytest.fixture
def github(server: GithubServer) -> Iterator[Github]:
    with Github(server.settings) as client:
        yield client


def test_alarms_are_read_back_from_the_text_whatever_they_say() -> None:
    assert parse(render(TRACKER, Told((ONE, TWO)))) == Told((ONE, TWO))


@pytest.mark.parametrize(
    "data", ["", "[", "W10=", base64.b64encode(zlib.compress(b'{"alarms": [1], "more": {}}')).decode()]
)
def test_broken_data_is_no_alarm(data: str) -> None:
    assert parse(f"<!-- cuda-image-builder: {data} -->") == Told()


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
    assert parse(server.open[0]["body"]).alarms == (TWO,)


def test_a_run_that_died_between_text_and_comment_or_closing_is_finished(
    server: GithubServer, github: Github
) -> None:
    track(github, TRACKER, [ONE])
    server.open[0]["body"] = render(TRACKER, Told())
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


def test_github_takes_no_longer_text(server: GithubServer, github: Github) -> None:
    issue = issues.create(github, "one", "x" * 65_536, "mark", "for tests")
    with pytest.raises(GithubError, match="422"):
        issues.create(github, "two", "x" * 65_537, "mark", "for tests")
    with pytest.raises(GithubError, match="422"):
        issues.update(github, issue, "one", "x" * 65_537)
    with pytest.raises(GithubError, match="422"):
        issues.comment(github, issue, "x" * 65_537)


@pytest.mark.parametrize("count", [208, 7_000])
def test_a_family_that_fails_whole_has_an_issue_too(server: GithubServer, github: Github, count: int) -> None:
    track(github, TRACKER, [ONE])
    found = failures(count)
    change = track(github, TRACKER, found)
    assert (change.raised, change.over) == (tuple(found), (ONE,))
    (issue,) = server.open
    assert issue["title"] == f"Trouble ({count:,})"
    for text in (issue["body"], server.comments[0][1]):
        assert text.count(" is not built") == 10
        assert f"{count - 10:,} more of the kind `not-built`\n\nA log has all." in text
    assert parse(issue["body"]).count == count

    writes = len(server.writes)
    assert track(github, TRACKER, found).raised == ()
    assert len(server.writes) == writes, "the same failures again say nothing"
    track(github, TRACKER, [])
    assert server.open == []
    assert len(server.comments) == 2


def test_all_images_of_a_family_of_some_hundred_are_remembered(server: GithubServer, github: Github) -> None:
    found = failures(500)
    track(github, TRACKER, found[1:])
    assert track(github, TRACKER, found).raised == (found[0],)
    assert track(github, TRACKER, found[1:]).over == (found[0],)


def test_what_was_not_remembered_is_neither_new_nor_over(server: GithubServer, github: Github) -> None:
    found = failures(7_000)
    track(github, TRACKER, found)
    remembered = parse(server.open[0]["body"]).alarms
    assert 500 < len(remembered) < 7_000
    change = track(github, TRACKER, [*found[-30:], ONE])
    assert change.raised == (ONE,), "nobody knows whether the thirty are new"
    assert change.over == remembered


def test_what_was_not_remembered_stays_while_nobody_can_look(server: GithubServer, github: Github) -> None:
    track(github, TRACKER, failures(7_000))
    unseen = [Unseen(frozenset({"not-built"}), "no permission")]
    assert track(github, TRACKER, [], unseen).over == ()
    assert server.open[0]["title"] == "Trouble (7,000)"
