"""What a tracker's issue and its comments say, and how the issue remembers: text, without asking anybody.

The alarms lie as data in a comment that no reader sees. People are shown the first of each kind and how many
more there are, for a family may have thousands and GitHub takes only so much text.
"""

import base64
import json
import re
import zlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple, dataclass, field, replace

from builder.model.alarm import Alarm

# GitHub refuses 65,537 characters with 422; below that is room for line ends that it may count twice.
_ROOM = 60_000
_SHOWN = 10
_SENTENCE = 1000
_DATA = re.compile(r"<!-- cuda-image-builder: (.*) -->")


@dataclass(frozen=True, slots=True)
class Tracker:
    """What kind of issue: the label by which it is found, what that is for, its title and its first line.

    `whole` says where all alarms are listed when the issue cannot.
    """

    label: str
    about: str
    title: str
    intro: str
    whole: str


@dataclass(frozen=True, slots=True)
class Told:
    """The alarms that an issue remembers, and by kind how many more it had no room for."""

    alarms: tuple[Alarm, ...] = ()
    more: Mapping[str, int] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """Of all alarms that are up."""
        return len(self.alarms) + sum(self.more.values())


def is_tracked(body: str) -> bool:
    """Whether an issue's text is one of these."""
    return bool(_DATA.search(body))


def parse(body: str) -> Told:
    """What an issue's text remembers; nothing where people have broken the data."""
    match = _DATA.search(body)
    try:
        if match is None:
            return Told()
        data = json.loads(zlib.decompress(base64.b64decode(match[1])))
        return Told(tuple(Alarm(*told) for told in data["alarms"]), data["more"])
    except (ValueError, TypeError, KeyError, zlib.error):
        return Told()


def render(tracker: Tracker, told: Told) -> str:
    """An issue's text, with as many alarms remembered as fit."""
    short = replace(told, alarms=tuple(map(_short, told.alarms)))
    return _fitting(lambda most: _body(tracker, _first(short, most), most), len(told.alarms))


def title(tracker: Tracker, told: Told) -> str:
    """The issue's title, with how many are up."""
    return f"{tracker.title} ({told.count:,})" if told.count else tracker.title


def news(tracker: Tracker, raised: Sequence[Alarm], over: Sequence[Alarm]) -> str:
    """A comment on what is new and what is over."""

    def text(most: int) -> str:
        new, gone = (_first(Told(tuple(map(_short, alarms))), most) for alarms in (raised, over))
        parts = [f"**New**\n\n{_list(tracker, new, _full)}"] if raised else []
        parts += [f"**Over**\n\n{_list(tracker, gone, _struck)}"] if over else []
        return "\n\n".join(parts)

    return _fitting(text, _SHOWN)


def _body(tracker: Tracker, told: Told, most: int) -> str:
    data = json.dumps({"alarms": [astuple(alarm) for alarm in told.alarms], "more": dict(told.more)})
    packed = base64.b64encode(zlib.compress(data.encode())).decode()
    shown = _list(tracker, _first(told, min(most, _SHOWN)), _full) or "All is well again."
    return f"{tracker.intro}\n\n{shown}\n\n<!-- cuda-image-builder: {packed} -->\n"


def _fitting(text: Callable[[int], str], most: int) -> str:
    """The text with the most alarms of a kind, up to so many, that GitHub takes."""
    while len(made := text(most)) > _ROOM and most:
        most //= 2
    return made


def _first(told: Told, most: int) -> Told:
    """The first alarms of each kind, the others counted."""
    kept, more = [], Counter(told.more)
    seen: Counter[str] = Counter()
    for alarm in told.alarms:
        seen[alarm.kind] += 1
        if seen[alarm.kind] <= most:
            kept.append(alarm)
        else:
            more[alarm.kind] += 1
    return Told(tuple(kept), more)


def _list(tracker: Tracker, told: Told, line: Callable[[Alarm], str]) -> str:
    lines = [line(alarm) for alarm in told.alarms]
    lines += [f"- and {count:,} more of the kind `{kind}`" for kind, count in told.more.items()]
    return "\n".join(lines) + (f"\n\n{tracker.whole}" if told.more else "")


def _full(alarm: Alarm) -> str:
    return f"- **{alarm.what}**\n  {alarm.fix}"


def _struck(alarm: Alarm) -> str:
    return f"- ~~{alarm.what}~~"


def _short(alarm: Alarm) -> Alarm:
    return replace(alarm, what=_cut(alarm.what), fix=_cut(alarm.fix))


def _cut(text: str) -> str:
    return text if len(text) <= _SENTENCE else f"{text[: _SENTENCE - 1]}…"
