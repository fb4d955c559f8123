"""The pull request that `lock` makes of a lock that moved, with a real Git and a `gh` that takes notes."""

import subprocess
from pathlib import Path

import pytest

from tests.automation.workflows import FOLDER, load

_GH = """#!/bin/sh
echo "$*" >>"$NOTES"
if [ "$1 $2" != "pr create" ]; then exit 0; fi
if [ -e "$NOTES.open" ]; then exit 1; fi
touch "$NOTES.open"
"""


@pytest.fixture
def script() -> str:
    (found,) = [
        step["run"]
        for step in load(FOLDER / "lock.yml")["jobs"]["lock"]["steps"]
        if "gh pr" in step.get("run", "")
    ]
    return str(found)


class Origin:
    """A repository on a server, and the checkouts that runs of the workflow make of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.notes = folder / "notes"
        tools = folder / "tools"
        tools.mkdir()
        (tools / "gh").write_text(_GH)
        (tools / "gh").chmod(0o755)
        self.environment = {
            "PATH": f"{tools}:/usr/local/bin:/usr/bin:/bin",
            "HOME": str(folder),
            "NOTES": str(self.notes),
            "BRANCH": "automation/lock",
            "GH_TOKEN": "none",
        }
        self.git("init", "--quiet", "--bare", "--initial-branch", "main", "origin")
        self.git("clone", "--quiet", "origin", "first")
        (folder / "first" / "matrix.lock").write_text("old\n")
        self.git("-C", "first", "add", "matrix.lock")
        self.git("-C", "first", "-c", "user.name=a", "-c", "user.email=a@b", "commit", "--quiet", "-m", "one")
        self.git("-C", "first", "push", "--quiet", "origin", "HEAD:main")

    def git(self, *words: str) -> str:
        return subprocess.run(
            ["git", *words], cwd=self.folder, env=self.environment, check=True, capture_output=True, text=True
        ).stdout

    def day(self, name: str, lock: str, script: str, moved: str = "base moved\n") -> str:
        """The body of the pull request of a run with this lock, on a fresh checkout; empty without one."""
        self.git("clone", "--quiet", "--branch", "main", "origin", name)
        checkout = self.folder / name
        (checkout / "matrix.lock").write_text(lock)
        (checkout / "changes.txt").write_text(moved)
        shell = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script]
        done = subprocess.run(
            shell, cwd=checkout, env=self.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        body = checkout / "body.md"
        return body.read_text() if body.exists() else ""

    def branches(self) -> set[str]:
        return set(self.git("-C", "origin", "branch", "--format", "%(refname:short)").split())


@pytest.fixture
def origin(tmp_path: Path) -> Origin:
    return Origin(tmp_path)


def test_nothing_moved_is_nothing_proposed(origin: Origin, script: str) -> None:
    origin.day("monday", "old\n", script)
    assert origin.branches() == {"main"}
    assert not origin.notes.exists()


def test_what_moved_is_proposed_and_proposed_anew_when_it_moves_again(origin: Origin, script: str) -> None:
    origin.day("monday", "new\n", script)
    assert origin.git("-C", "origin", "show", "automation/lock:matrix.lock") == "new\n"
    assert origin.git("-C", "origin", "diff", "--name-only", "main", "automation/lock") == "matrix.lock\n"
    assert origin.git("-C", "origin", "show", "main:matrix.lock") == "old\n"
    body = origin.day("tuesday", "newer\n", script)
    assert body == "```\nbase moved\n\n```\n"
    assert origin.git("-C", "origin", "show", "automation/lock:matrix.lock") == "newer\n"
    asked = [line.split(" --")[0] for line in origin.notes.read_text().splitlines() if line.startswith("pr")]
    assert asked == ["pr create", "pr create", "pr edit automation/lock"]


def test_more_than_a_pull_request_holds_is_cut(origin: Origin, script: str) -> None:
    body = origin.day("monday", "new\n", script, moved="a base moved\n" * 10_000)
    assert 50_000 < len(body) < 65_536
    assert body.endswith("\n```\n")
