"""The client against a server that answers as GitHub's documentation says."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from builder.github import actions, issues
from builder.github.client import Github
from builder.github.errors import GithubError
from builder.github.settings import Settings
from builder.model.errors import BuilderError, ExitCode
from tests.servers.github import REPOSITORY, TOKEN, GithubServer, github_server

NOW = datetime(2026, 11, 21, 6, tzinfo=UTC)


@pytest.fixture
def server() -> Iterator[GithubServer]:
    with github_server() as started:
        yield started


@pytest.fixture
def github(server: GithubServer) -> Iterator[Github]:
    with Github(server.settings) as client:
        yield client


def test_lists_come_over_all_pages(server: GithubServer, github: Github) -> None:
    server.page = 2
    for number in range(5):
        server.workflow(f"w{number}.yml", created=NOW)
    assert [workflow.file for workflow in actions.workflows(github)] == [f"w{n}.yml" for n in range(5)]
    assert len(server.asked) == 3


def test_a_next_page_elsewhere_does_not_get_the_token(server: GithubServer, github: Github) -> None:
    server.fail = [(200, {"Link": '<https://evil.test/next>; rel="next"'}, {"workflows": []})]
    with pytest.raises(GithubError, match="another host"):
        actions.workflows(github)


def test_only_good_runs_of_the_schedule_count(server: GithubServer, github: Github) -> None:
    server.workflow("images.yml", created=NOW)
    good = NOW - timedelta(days=30)
    server.run("images.yml", good)
    server.run("images.yml", NOW - timedelta(days=20), ended="failure")
    server.run("images.yml", NOW - timedelta(days=10), event="push")
    server.run("watch.yml", NOW)
    (workflow,) = actions.workflows(github)
    found = actions.last_green(github, workflow)
    assert found
    assert found.began == good


def test_jobs_that_wait_are_found_in_runs_that_go_on(server: GithubServer, github: Github) -> None:
    for state in ("queued", "in_progress", "success"):
        run = server.run("images.yml", NOW, ended=state)
        server.job(run, f"of {state}", ["Self-Hosted", "gpu"], NOW)
        server.job(run, "runs already", ["ubuntu-24.04"], NOW, status="in_progress")
    found = list(actions.waiting(github))
    assert [job.name for job in found] == ["of queued", "of in_progress"]
    assert found[0].labels == {"self-hosted", "gpu"}


def test_pull_requests_are_no_issues(server: GithubServer, github: Github) -> None:
    issues.create(github, "one", "text", "mark", "for tests")
    server.issues.append({**server.issues[0], "number": 2, "pull_request": {}})
    assert [issue.number for issue in issues.labelled(github, "mark")] == [1]


def test_a_label_that_exists_does_no_harm(server: GithubServer, github: Github) -> None:
    for title in ("one", "two"):
        issues.create(github, title, "text", "mark", "for tests")
    assert server.labels == ["mark"]
    assert len(server.open) == 2


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        (429, {"Retry-After": "7"}),
        (403, {"Retry-After": "7"}),
        (403, {"X-RateLimit-Remaining": "0"}),
        (502, {}),
    ],
)
def test_limits_and_troubles_are_waited_for(
    server: GithubServer, status: int, headers: dict[str, str]
) -> None:
    waited: list[float] = []
    if "X-RateLimit-Remaining" in headers:
        headers = {**headers, "X-RateLimit-Reset": str(int(time.time()) + 60)}
    server.fail = [(status, headers, {"message": "wait"})]
    settings = Settings(REPOSITORY, TOKEN, server.url, sleep=waited.append)
    with Github(settings) as github:
        assert actions.workflows(github) == ()
    (seconds,) = waited
    assert 0 < seconds <= 60
    assert "Retry-After" not in headers or seconds == 7


def test_a_limit_that_lasts_is_an_error_and_not_a_refusal(server: GithubServer, github: Github) -> None:
    server.fail = [(403, {"Retry-After": "3600"}, {"message": "secondary rate limit"})]
    with pytest.raises(GithubError, match="limits our requests for 3600 s") as limited:
        actions.workflows(github)
    assert limited.value.code is ExitCode.UNAVAILABLE
    assert len(server.asked) == 1


def test_a_write_is_not_tried_again_when_nobody_knows_whether_it_was_done(
    server: GithubServer, github: Github
) -> None:
    server.fail = [(502, {}, {})]
    with pytest.raises(GithubError, match="in trouble"):
        github.send("POST", "/issues", {"title": "x", "body": "", "labels": []})
    assert server.asked == [f"POST /repos/{REPOSITORY}/issues"]


@pytest.mark.parametrize(
    ("status", "code", "what"),
    [
        (401, ExitCode.UNAUTHORIZED, "does not know the token"),
        (403, ExitCode.UNAUTHORIZED, "may not do this"),
        (404, ExitCode.NOT_FOUND, "may not see it"),
        (410, ExitCode.NOT_FOUND, "switched off"),
        (422, ExitCode.REGISTRY, "refuses"),
    ],
)
def test_refusals_say_what_they_mean(
    server: GithubServer, github: Github, status: int, code: ExitCode, what: str
) -> None:
    server.fail = [(status, {}, {"message": "GitHub's own words"})]
    with pytest.raises(GithubError, match=what) as refused:
        actions.runners(github)
    assert refused.value.code is code
    assert "GitHub's own words" in str(refused.value)
    assert TOKEN not in f"{refused.value!r}{refused.value.fix}{server.settings!r}"


def test_nobody_there() -> None:
    settings = Settings(REPOSITORY, TOKEN, "http://127.0.0.1:1", sleep=lambda _: None)
    with Github(settings) as nowhere, pytest.raises(GithubError, match="cannot be reached") as lost:
        actions.workflows(nowhere)
    assert lost.value.code is ExitCode.UNAVAILABLE


@pytest.mark.parametrize(
    ("environment", "what", "code"),
    [
        ({}, "no repository", ExitCode.MATRIX),
        ({"GITHUB_REPOSITORY": "acme"}, "no repository", ExitCode.MATRIX),
        ({"GITHUB_REPOSITORY": "acme/cuda"}, "no token", ExitCode.UNAUTHORIZED),
        (
            {"GITHUB_REPOSITORY": "acme/cuda", "GH_TOKEN": "x", "GITHUB_API_URL": "http://github.test"},
            "https only",
            ExitCode.MATRIX,
        ),
    ],
)
def test_settings_that_cannot_work_are_refused(
    environment: dict[str, str], what: str, code: ExitCode
) -> None:
    with pytest.raises(BuilderError, match=what) as refused:
        Settings.from_environment(environment)
    assert refused.value.code is code
