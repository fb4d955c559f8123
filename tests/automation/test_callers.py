"""Workflows that call ours, in this repository and in its documentation, give what is asked of them."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.automation.tools import schema
from tests.automation.workflows import FOLDER, ROOT, SELF, load, workflows

README, GUIDE = ROOT / "README.md", ROOT / "docs/guides/github.md"
_THEIRS = re.compile(r"acme/cuda-image-builder/(?P<path>\.github/[\w./-]+)@[0-9a-f]{40}")
_BLOCK = re.compile(r"^```yaml\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LEVELS = ("none", "read", "write")


def blocks(file: Path) -> list[str]:
    """The examples that call something of ours."""
    return [text for text in _BLOCK.findall(file.read_text()) if _THEIRS.search(text)]


def complaints(workflow: Mapping[Any, Any]) -> Iterator[str]:
    """What a workflow's calls lack, or give too much."""
    for name, job in workflow["jobs"].items():
        if called := _path(job.get("uses", "")):
            yield from (f"{name}: {said}" for said in _call(load(called), job))
        for step in job.get("steps", ()):
            if folder := _path(step.get("uses", "")):
                asked = load(folder / "action.yml")["inputs"]
                yield from (f"{name}: there is no input {key}" for key in step.get("with", {}).keys() - asked)


def _path(uses: str) -> Path | None:
    theirs = _THEIRS.fullmatch(uses)
    if theirs:
        return ROOT / theirs["path"]
    return ROOT / uses.removeprefix(SELF) if uses.startswith(SELF) else None


def _call(called: Mapping[Any, Any], job: Mapping[str, Any]) -> Iterator[str]:
    asked = called[True]["workflow_call"]
    for part, given in (("inputs", job.get("with", {})), ("secrets", job.get("secrets", {}))):
        told = asked.get(part) or {}
        yield from (f"there is no {part[:-1]} {key}" for key in given.keys() - told)
        yield from (
            f"the {part[:-1]} {key} is missing"
            for key, it in told.items()
            if it.get("required") and key not in given
        )
    for inner in called["jobs"].values():
        for scope, level in inner["permissions"].items():
            granted = job["permissions"].get(scope, "none")
            if _LEVELS.index(granted) < _LEVELS.index(level):
                yield f"it grants {scope}: {granted}, and {level} is asked for"


def test_this_repository_calls_its_own_rightly() -> None:
    assert [said for path in workflows() for said in complaints(load(path))] == []


@pytest.mark.parametrize("number", range(6))
def test_the_guides_examples_call_rightly(number: int, tmp_path: Path) -> None:
    found = blocks(GUIDE)
    assert len(found) == 6
    workflow = yaml.safe_load(found[number])
    assert list(complaints(workflow)) == []
    file = tmp_path / "example.yml"
    file.write_text(yaml.safe_dump(workflow).replace("true:", '"on":', 1))
    done = schema("github-workflows", file)
    assert done.returncode == 0, done.stdout


def holds_up_others(workflow: Mapping[Any, Any]) -> bool:
    """Whether a run that may wait for approval is in a group, where others wait for it or are dropped."""
    waits = any(
        "environment" in job or "/family.yml" in job.get("uses", "") for job in workflow["jobs"].values()
    )
    return waits and "concurrency" in workflow


def test_no_run_that_waits_for_approval_holds_up_others() -> None:
    ours = [load(path) for path in workflows()]
    theirs = [yaml.safe_load(text) for text in blocks(GUIDE)]
    assert not any(map(holds_up_others, ours + theirs))
    images, family = load(FOLDER / "images.yml"), load(FOLDER / "family.yml")
    assert all(holds_up_others({**workflow, "concurrency": "images"}) for workflow in (images, family))
    groups = {path.name: load(path).get("concurrency", {}).get("group") for path in workflows()}
    used = [group for group in groups.values() if group]
    assert len(used) == len(set(used)), "workflows that share a group drop each other's runs"


def test_ten_lines_are_enough_and_the_readme_shows_the_same() -> None:
    (shown,) = blocks(README)
    assert shown == blocks(GUIDE)[0]
    assert len(shown.splitlines()) == 10


@pytest.mark.parametrize(
    ("number", "old", "new", "said"),
    [
        (1, "released:", "release:", "there is no input release"),
        (0, ", id-token: write", "", "it grants id-token: none, and write is asked for"),
        (0, "packages: write", "packages: read", "it grants packages: read, and write is asked for"),
        (1, "outcome:", "ending:", "the input outcome is missing"),
        (1, "slack-webhook:", "slack:", "there is no secret slack"),
        (2, ", pull-requests: write", "", "it grants pull-requests: none, and write is asked for"),
        (3, "apply:", "really:", "there is no input really"),
        (4, "issues: write, ", "", "it grants issues: none, and write is asked for"),
        (5, "      - run:", "        with: {disk: x}\n      - run:", "there is no input disk"),
    ],
)
def test_a_wrong_call_is_noticed(number: int, old: str, new: str, said: str) -> None:
    text = blocks(GUIDE)[number]
    assert old in text
    assert any(said in line for line in complaints(yaml.safe_load(text.replace(old, new))))
