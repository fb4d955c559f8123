"""The messages, checked by the chats' own libraries: Slack's SDK and the renderer of adaptive cards."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from slack_sdk.models.blocks import Block

from builder.notify import slack, teams
from builder.notify.notice import MOST, Link, Notice, Outcome, Problem

ADAPTIVE_CARDS = "adaptivecards@3.0.6"
PROBLEMS = tuple(
    Problem(
        "not-built", f"t{n}", f"t{n} (linux/arm64) is <not> built & *sad*", f"python -m builder bake t{n}"
    )
    for n in range(MOST + 5)
)
FULL = Notice(
    "ghcr.io/acme/cuda_images",
    Outcome.FAILURE,
    "release-20261120-4",
    tuple(f"t{n}: changed (" + "its base moved; " * 30 + ")" for n in range(MOST + 2)),
    PROBLEMS,
    (
        Link("the run", "https://github.test/acme/cuda/actions/runs/1"),
        Link("the images", "https://acme.test/"),
    ),
)
NOTICES = {
    "full": FULL,
    "good": Notice("r/x", Outcome.SUCCESS, "release-20261120-4", ("one: new",)),
    "bare": Notice("r/x", Outcome.CANCELLED),
    "long": Notice("r/" + "x" * 300, Outcome.FAILURE),
}
# Every event is a mistake: a value that does not fit, an unknown element, a property that is missing.
_PARSE = """
globalThis.window = globalThis;
const cards = require("adaptivecards/dist/adaptivecards.js");
for (const data of JSON.parse(require("fs").readFileSync(0))) {
  const context = new cards.SerializationContext(cards.Versions.v1_4);
  const card = new cards.AdaptiveCard();
  card.parse(data, context);
  for (let i = 0; i < context.eventCount; i++) console.log(context.getEventAt(i).message);
  for (const event of card.validateProperties().validationEvents) console.log(event.message);
}
"""


@pytest.fixture(scope="module")
def cards(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cards")
    npm = shutil.which("npm")
    assert npm, "npm is not on PATH; the renderer of adaptive cards comes as a package for it"
    flags = ("--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts", "--no-save")
    subprocess.run(
        [npm, "install", "--prefix", folder, *flags, ADAPTIVE_CARDS], check=True, capture_output=True
    )
    return folder


def mistakes(folder: Path, *parsed: Any) -> list[str]:
    done = subprocess.run(
        ["node", "-e", _PARSE],
        cwd=folder,
        input=json.dumps(parsed),
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()


@pytest.mark.parametrize("name", NOTICES)
def test_slack_takes_it(name: str) -> None:
    payload = slack.payload(NOTICES[name])
    blocks = Block.parse_all(payload["blocks"])
    assert len(blocks) == len(payload["blocks"]) <= 50
    assert [block.to_dict() for block in blocks], "to_dict is where the SDK holds Slack's limits"


def test_slack_would_not_take_what_is_too_long() -> None:
    payload = slack.payload(NOTICES["good"])
    payload["blocks"][0]["text"]["text"] = "x" * 151
    with pytest.raises(Exception, match="150"):
        Block.parse_all(payload["blocks"])[0].to_dict()


def test_slack_shows_no_letter_of_ours_as_its_own() -> None:
    text = json.dumps(slack.payload(FULL))
    assert "&lt;not&gt; built &amp;" in text
    assert "<https://acme.test/|the images>" in text


def test_teams_takes_them(cards: Path) -> None:
    payloads = [teams.payload(notice) for notice in NOTICES.values()]
    for payload in payloads:
        (attachment,) = payload["attachments"]
        assert (payload["type"], attachment["contentType"]) == (
            "message",
            "application/vnd.microsoft.card.adaptive",
        )
        assert len(json.dumps(payload)) < 28_000, "Teams refuses more"
    assert mistakes(cards, *(payload["attachments"][0]["content"] for payload in payloads)) == []


@pytest.mark.parametrize(("key", "value"), [("weight", "Bold"), ("color", "Red"), ("size", "Huge")])
def test_a_card_that_is_wrong_is_noticed(cards: Path, key: str, value: str) -> None:
    card = teams.payload(FULL)["attachments"][0]["content"]
    card["body"][0]["inlines"][0][key] = value
    assert any(value in told for told in mistakes(cards, card))


@pytest.mark.parametrize("payload", [slack.payload, teams.payload])
def test_a_message_has_what_people_need(payload: Any) -> None:
    text = json.dumps(payload(FULL))
    for word in (FULL.title, "its base moved", PROBLEMS[0].command, "and 5 more", FULL.links[0].url):
        assert word in text
    assert PROBLEMS[-1].command not in text


@pytest.mark.parametrize(
    ("notice", "news"),
    [
        (Notice("r", Outcome.SUCCESS), False),
        (Notice("r", Outcome.SKIPPED), False),
        (Notice("r", Outcome.SUCCESS, "release-20261120-4"), True),
        (Notice("r", Outcome.FAILURE), True),
        (Notice("r", Outcome.CANCELLED), True),
    ],
)
def test_only_news_is_told(notice: Notice, news: bool) -> None:
    assert notice.is_news is news
