"""One issue that tracks alarms: opened with the first, kept true, and closed when all are over.

Its text carries the alarms, so that nothing else has to remember them. Each is said once: in the text of a
new issue, or in one comment.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from builder.github import issues
from builder.github.client import Github
from builder.github.values import Issue
from builder.github.wording import Told, Tracker, is_tracked, news, parse, render, title
from builder.model.alarm import Alarm, Unseen


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
    found = [issue for issue in issues.labelled(github, tracker.label) if is_tracked(issue.body)]
    if not found:
        return _open(github, tracker, tuple(alarms))
    issue, *doubles = found
    for double in doubles:
        issues.close(github, double)
    return _update(github, tracker, issue, tuple(alarms), unseen)


def _open(github: Github, tracker: Tracker, alarms: tuple[Alarm, ...]) -> Change:
    if not alarms:
        return Change((), (), None)
    told = Told(alarms)
    issue = issues.create(github, title(tracker, told), render(tracker, told), tracker.label, tracker.about)
    return Change(alarms, (), issue.url)


def _update(
    github: Github, tracker: Tracker, issue: Issue, alarms: tuple[Alarm, ...], unseen: Sequence[Unseen]
) -> Change:
    before = parse(issue.body)
    known = {alarm.id: alarm for alarm in before.alarms}
    hidden = {kind for one in unseen for kind in one.kinds}
    now = {alarm.id: alarm for alarm in alarms}
    now |= {id_: alarm for id_, alarm in known.items() if id_ not in now and alarm.kind in hidden}
    told = Told(tuple(now.values()), {kind: n for kind, n in before.more.items() if kind in hidden})
    # Of a kind that the issue could not remember whole, nobody can say which alarm is new.
    raised = tuple(
        alarm for id_, alarm in now.items() if id_ not in known and not before.more.get(alarm.kind)
    )
    over = tuple(alarm for id_, alarm in known.items() if id_ not in now)
    # The text remembers, so it is written first: a run that dies before its comment says nothing twice.
    text, name = render(tracker, told), title(tracker, told)
    if (text.strip(), name) != (issue.body.replace("\r\n", "\n").strip(), issue.title):
        issues.update(github, issue, name, text)
    if raised or over:
        issues.comment(github, issue, news(tracker, raised, over))
    if not told.count:
        issues.close(github, issue)
    return Change(raised, over, issue.url)
