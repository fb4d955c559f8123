"""The rules of `check` as text, JSON and Markdown."""

import json
from collections.abc import Callable, Mapping, Sequence

from builder.matrix.rules.rule import Rule
from builder.report import markdown as md
from builder.report.table import table

Formatter = Callable[[Sequence[Rule]], str]

_INTRODUCTION = """\
# Rules

What `python -m builder check` looks at. A finding names the rule, the file, the line, and what to do.
An `error` stops every command that builds; a `warning` and a `note` do not. Facts that nobody could check
only ever warn.

A matrix can give a rule another weight, for all of its cells or for some, and says why:

```yaml
rules:
  - {id: base-eol, match: {cuda: "12.8.*"}, severity: note, reason: until the cluster has moved}
```

Rules marked as firm cannot be lowered. An entry that changes nothing is itself a finding.

Rules marked as online look at what registries say. `check --offline` leaves them out; `bake` asks about the
bases that it is about to build on, and nothing where nothing is to be built.

This page is made by `python -m builder explain --format markdown`.
"""


def text(rules: Sequence[Rule]) -> str:
    """For people: a table of several rules, and everything about one."""
    if len(rules) != 1:
        return table(("rule", "severity", "what it finds"), [(r.id, str(r.severity), r.what) for r in rules])
    (rule,) = rules
    lines = [f"{rule.id} ({_told(rule)})", rule.what, f"why: {rule.why}", f"fix: {rule.fix}"]
    return "\n  ".join([*lines, *_weight(rule)])


def as_json(rules: Sequence[Rule]) -> str:
    """A JSON array of rules."""
    return json.dumps([_data(rule) for rule in rules], indent=2)


def markdown(rules: Sequence[Rule]) -> str:
    """A page with a table of contents and a section for each."""
    rows = [(f"[{rule.id}](#{rule.id})", _told(rule), rule.what) for rule in rules]
    sections = [
        f"## {rule.id}\n\n*{_told(rule)}* · {rule.what}\n\n{rule.why}\n\n**Fix:** {rule.fix}"
        for rule in rules
    ]
    contents = md.table(("rule", "severity", "what it finds"), rows)
    return "\n\n".join([_INTRODUCTION.rstrip(), contents, *sections])


FORMATTERS: Mapping[str, Formatter] = {"text": text, "json": as_json, "markdown": markdown}


def _told(rule: Rule) -> str:
    told = [str(rule.severity), *(["firm"] if rule.firm else []), *(["online"] if rule.online else [])]
    return ", ".join(told)


def _weight(rule: Rule) -> list[str]:
    if rule.firm:
        return ["It cannot be lowered."]
    return ["to silence it:", f'  rules: [{{id: {rule.id}, severity: silent, reason: "…"}}]']


def _data(rule: Rule) -> dict[str, object]:
    return {
        "id": rule.id,
        "severity": str(rule.severity),
        "firm": rule.firm,
        "online": rule.online,
        "what": rule.what,
        "why": rule.why,
        "fix": rule.fix,
    }
