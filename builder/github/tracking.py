"""One issue that tracks alarms: opened with the first, kept true, and closed when all are over.

Its text carries the alarms as data in a comment that no reader sees, so that nothing else has to remember
them. Each is said once: in the text of a new issue, or in one comment.
"""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

from builder.github import issues
from builder.github.client import Github
from builder.github.values import Issue
from builder.model.alarm import Alarm, Unseen

_DATA = re.compile(r"<!-- cuda-image-builder: (.*) -->")


@dataclass(frozen=True, slots=True)
class Tracker:
    """What kind of issue: the label by which it is found, what that is for, its title and its first line."""

    label: str
    about: str
    title: str
    intro: str


@dataclass(frozen=True, slots=True)
class Change:
    """What is new, what is over, and the issue; None where there was none and is none to open."""

    raised: tuple[Alarm, ...]
    over: tuple[Alarm, ...]
    url: str | None


def track(github: Github, tracker: Tracker, alarms: Sequence[Alarm], unseen: Sequence[Unseen] = ()) -> Change:
    """Have the tracker's issue say exactly these alarms, and those that nobody could look for this time.

    Raises:
        GithubError: when GitHub refuses; running again goes on.
    """
    found = [issue for issue in issues.labelled(github, tracker.label) if _DATA.search(issue.body)]
    if not found:
        return _open(github, tracker, tuple(alarms))
    issue, *doubles = found
    for double in doubles:
        issues.close(github, double)
    return _update(github, tracker, issue, tuple(alarms), unseen)


def parse(body: str) -> tuple[Alarm, ...]:
    """The alarms in an issue's text; none where people have broken the data."""
    match = _DATA.search(body)
    try:
        return tuple(Alarm(**told) for told in json.loads(match[1])) if match else ()
    except (ValueError, TypeError):
        return ()


def render(tracker: Tracker, alarms: Iterable[Alarm]) -> str:
    """An issue's text."""
    told = tuple(alarms)
    # Two hyphens would end the comment early; JSON has another way to write one.
    data = json.dumps([asdict(alarm) for alarm in told]).replace("--", "-\\u002d")
    return f"{tracker.intro}\n\n{_list(told)}\n\n<!-- cuda-image-builder: {data} -->\n"


def _open(github: Github, tracker: Tracker, alarms: tuple[Alarm, ...]) -> Change:
    if not alarms:
        return Change((), (), None)
    text = render(tracker, alarms)
    issue = issues.create(github, _title(tracker, alarms), text, tracker.label, tracker.about)
    return Change(alarms, (), issue.url)


def _update(
    github: Github, tracker: Tracker, issue: Issue, alarms: tuple[Alarm, ...], unseen: Sequence[Unseen]
) -> Change:
    known = {alarm.id: alarm for alarm in parse(issue.body)}
    hidden = {kind for one in unseen for kind in one.kinds}
    now = {alarm.id: alarm for alarm in alarms}
    now |= {id_: alarm for id_, alarm in known.items() if id_ not in now and alarm.kind in hidden}
    raised = tuple(alarm for id_, alarm in now.items() if id_ not in known)
    over = tuple(alarm for id_, alarm in known.items() if id_ not in now)
    # The text remembers, so it is written first: a run that dies before its comment says nothing twice.
    text, title = render(tracker, now.values()), _title(tracker, tuple(now.values()))
    if (text.strip(), title) != (issue.body.replace("\r\n", "\n").strip(), issue.title):
        issues.update(github, issue, title, text)
    if raised or over:
        issues.comment(github, issue, _news(raised, over))
    if not now:
        issues.close(github, issue)
    return Change(raised, over, issue.url)


def _title(tracker: Tracker, alarms: Sequence[Alarm]) -> str:
    return f"{tracker.title} ({len(alarms)})" if alarms else tracker.title


def _news(raised: Sequence[Alarm], over: Sequence[Alarm]) -> str:
    parts = [f"**New**\n\n{_list(raised)}"] if raised else []
    parts += ["**Over**\n\n" + "\n".join(f"- ~~{alarm.what}~~" for alarm in over)] if over else []
    return "\n\n".join(parts)


def _list(alarms: Iterable[Alarm]) -> str:
    return "\n".join(f"- **{alarm.what}**\n  {alarm.fix}" for alarm in alarms) or "All is well again."
