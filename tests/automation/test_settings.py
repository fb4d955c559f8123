"""Every setting of the workflows and of the action is a row of the guide's table, and every row a setting."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.automation.workflows import ROOT, actions, load, workflows

GUIDE = ROOT / "docs/guides/github.md"
_ROW = re.compile(
    r"^\| (?P<kind>input|secret|variable) `(?P<name>[\w-]+)` \| (?P<of>[^|]+) \| \S", re.MULTILINE
)
_USED = {
    "secret": re.compile(r"\bsecrets\.([A-Za-z][\w-]*)"),
    "variable": re.compile(r"\bvars\.([A-Za-z][\w-]*)"),
}
Setting = tuple[str, str, str]


def offered() -> set[Setting]:
    """Kind, name and workflow of every setting that there is."""
    return {setting for path in (*workflows(), *actions()) for setting in _of(path)}


def _of(path: Path) -> Iterator[Setting]:
    where = path.parent.name if path.name == "action.yml" else path.stem
    data = load(path)
    triggers = data.get(True, {"workflow_call": data})
    for trigger in ("workflow_call", "workflow_dispatch"):
        yield from (("input", name, where) for name in (triggers.get(trigger) or {}).get("inputs") or {})
    for kind, used in _USED.items():
        yield from ((kind, name, where) for name in used.findall(path.read_text()))


def told(guide: str) -> set[Setting]:
    """The same, by the guide's table."""
    return {
        (row["kind"], row["name"], where)
        for row in _ROW.finditer(guide)
        for where in re.findall(r"`(\w+)`", row["of"])
    }


def test_the_guide_has_every_setting_and_no_other() -> None:
    assert offered() == told(GUIDE.read_text())
    assert len(offered()) > 50


@pytest.mark.parametrize(
    ("old", "new", "missing"),
    [
        ("| variable `BUILDER_PAGE` |", "| variable `PAGE` |", ("variable", "BUILDER_PAGE", "images")),
        ("`lock`, `prune` | the file", "`lock` | the file", ("input", "matrix", "prune")),
        ("| secret `BUILDER_LOCK_TOKEN` |", "| token `X` |", ("secret", "BUILDER_LOCK_TOKEN", "lock")),
        ("| who logs in there |", "|  |", ("input", "username", "setup")),
    ],
)
def test_a_row_that_is_missing_is_noticed(old: str, new: str, missing: Setting) -> None:
    guide = GUIDE.read_text()
    assert old in guide
    assert missing in offered() - told(guide.replace(old, new))
