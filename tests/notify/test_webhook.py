"""Webhooks: told once, patient within reason, and silent about their addresses."""

import logging

import pytest

from builder.model.errors import BuilderError, ExitCode
from builder.notify.notice import Notice, Outcome
from builder.notify.webhook import Webhook, webhooks
from builder.pipeline.notify import tell
from tests.notify.receiver import SECRET, receiver

NOTICE = Notice("r/x", Outcome.FAILURE)


def of(url: str) -> Webhook:
    (found,) = webhooks({"BUILDER_SLACK_WEBHOOK": url})
    assert isinstance(found, Webhook)
    return Webhook(found.variable, found.chat, found.url, found.payload, sleep=lambda _: None)


def test_each_chat_gets_its_format() -> None:
    with receiver() as slack, receiver() as teams:
        found = tuple(
            webhooks({"BUILDER_SLACK_WEBHOOK": slack.url, "BUILDER_TEAMS_WEBHOOK": f" {teams.url}\n"})
        )
        assert list(tell(NOTICE, found)) == ["Slack", "Teams"]
    assert list(slack.messages[0]) == ["text", "blocks"]
    assert list(teams.messages[0]) == ["type", "attachments"]


def test_no_address_is_no_chat() -> None:
    assert not list(webhooks({"BUILDER_SLACK_WEBHOOK": ""}))


def test_no_news_is_not_told() -> None:
    with receiver() as chat:
        assert not list(tell(Notice("r/x", Outcome.SUCCESS), (of(chat.url),)))
    assert chat.tries == 0


def test_a_chat_that_is_busy_is_asked_again() -> None:
    with receiver((429, {"Retry-After": "2"}), (503, {})) as chat:
        of(chat.url).post(NOTICE)
    assert (chat.tries, len(chat.messages)) == (3, 1)


@pytest.mark.parametrize(
    ("answer", "tries"),
    [
        ((404, {}), 1),
        ((410, {}), 1),
        ((429, {"Retry-After": "3600"}), 1),
        ((500, {}), 3),
        ((302, {"Location": "/"}), 1),
    ],
)
def test_a_chat_that_refuses_is_a_word_and_not_a_failure(
    answer: tuple[int, dict[str, str]], tries: int
) -> None:
    with receiver(*[answer] * 5) as chat, receiver() as other:
        (error, told) = tell(NOTICE, (of(chat.url), of(other.url)))
    assert isinstance(error, BuilderError)
    assert f"answers {answer[0]}" in str(error)
    assert (told, chat.tries, len(other.messages)) == ("Slack", tries, 1)


@pytest.mark.parametrize(
    "url", [f"http://chat.test/{SECRET}", f"ftp://x/{SECRET}", SECRET, f"http://[{SECRET}"]
)
def test_an_address_that_is_not_safe_is_refused(url: str) -> None:
    (refused,) = webhooks({"BUILDER_TEAMS_WEBHOOK": url})
    assert isinstance(refused, BuilderError)
    assert refused.code is ExitCode.MATRIX
    assert SECRET not in f"{refused!r} {refused.fix}"


def test_the_address_is_never_shown(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with receiver((404, {})) as chat:
        webhook = of(chat.url)
        with pytest.raises(BuilderError) as refused:
            webhook.post(NOTICE)
    with pytest.raises(BuilderError) as lost:
        of(f"http://127.0.0.1:1/{SECRET}").post(NOTICE)
    for error in (refused.value, lost.value):
        assert SECRET not in f"{error!r} {error.fix} {error.__cause__!r}"
    assert SECRET not in f"{webhook!r} {caplog.text}"
