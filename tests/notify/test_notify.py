"""`notify` as a run ends: what it finds in a real registry, tells a chat, and has an issue say."""

import shlex
from collections.abc import Callable, Iterator

import pytest

from builder.cli.app import run
from builder.github.wording import parse
from tests.automation.commands import parse as parse_command
from tests.notify.receiver import SECRET, Receiver, receiver
from tests.pipeline.conftest import CPU, Family, family
from tests.servers.github import GithubServer, github_server

__all__ = ["family"]


@pytest.fixture
def github(monkeypatch: pytest.MonkeyPatch) -> Iterator[GithubServer]:
    with github_server() as server:
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("GITHUB_RUN_ID", "77")
        monkeypatch.setenv("GITHUB_SERVER_URL", "https://github.test")
        yield server


@pytest.fixture
def chat(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    with receiver() as made:
        monkeypatch.setenv("BUILDER_SLACK_WEBHOOK", made.url)
        yield made


def test_a_failure_is_an_issue_with_commands_that_a_good_run_closes(
    family: Callable[..., Family], github: GithubServer, chat: Receiver, capsys: pytest.CaptureFixture[str]
) -> None:
    file = str(family(CPU).file)
    for _ in range(2):
        assert run(["notify", "--outcome", "failure", "-f", file]) == 0
    (issue,) = github.open
    (alarm,) = parse(issue["body"]).alarms
    assert alarm.kind == "not-built"
    assert "https://github.test/acme/cuda/actions/runs/77" in alarm.what
    words = shlex.split(alarm.fix.strip("`"))
    assert words[:3] == ["python", "-m", "builder"]
    parse_command(words[3:])
    assert run([*words[3:], "--print"]) == 0, "the command selects what failed"
    assert [len(chat.messages), len(github.comments)] == [2, 0]

    assert run(["notify", "--outcome", "cancelled", "-f", file]) == 0
    assert github.open == [issue], "a cancelled run proves nothing"
    assert run(["notify", "--outcome", "success", "-f", file]) == 0
    assert github.open == []
    assert len(chat.messages) == 3, "nothing new is not told"
    assert SECRET not in capsys.readouterr().out


def test_a_page_that_is_not_deployed_is_its_own_problem(
    family: Callable[..., Family], github: GithubServer, chat: Receiver
) -> None:
    file = str(family(CPU).file)
    assert run(["notify", "--outcome", "success", "--page-failed", "-f", file]) == 0
    (alarm,) = parse(github.open[0]["body"]).alarms
    assert alarm.kind == "no-page", "what a good run has not built is no problem of this one"
    parse_command(shlex.split(alarm.fix.strip("`"))[3:])
    assert "the run failed" in chat.messages[0]["text"]

    assert run(["notify", "--outcome", "failure", "--page-failed", "-f", file]) == 0
    assert {alarm.kind for alarm in parse(github.open[0]["body"]).alarms} == {"not-built", "no-page"}
    assert run(["notify", "--outcome", "success", "-f", file]) == 0
    assert github.open == []


def test_a_matrix_that_cannot_be_read_is_a_problem_too(
    family: Callable[..., Family], github: GithubServer, chat: Receiver
) -> None:
    file = family(CPU).file
    file.write_text("releases: x")
    assert run(["notify", "--outcome", "failure", "-f", str(file)]) == 0
    (alarm,) = parse(github.open[0]["body"]).alarms
    assert f"builder check -f {file}" in alarm.fix
    assert len(chat.messages) == 1


def test_what_cannot_be_told_is_said_and_fails_nothing(
    family: Callable[..., Family],
    github: GithubServer,
    chat: Receiver,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    chat.answers = [(404, {})]
    github.denied = {"/issues"}
    assert run(["notify", "--outcome", "failure", "-f", str(family(CPU).file)]) == 0
    said = capsys.readouterr().out
    assert "::warning::Slack was not told: it answers 404" in said
    assert "::warning::GET /repos/acme/cuda/issues: the token may not do this" in said
    assert SECRET not in said


@pytest.mark.parametrize(
    ("words", "code"), [(["--outcome", "fine"], 2), ([], 2), (["--outcome", "failure", "--no-issue"], 0)]
)
def test_flags(
    words: list[str], code: int, family: Callable[..., Family], github: GithubServer, chat: Receiver
) -> None:
    assert run(["notify", "-f", str(family(CPU).file), *words]) == code
    assert not github.writes
