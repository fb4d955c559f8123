"""The pull request that `lock` makes of a lock that moved, with a real Git and a `gh` that takes notes."""

import subprocess
from pathlib import Path

import pytest

from tests.automation.workflows import FOLDER, load

# It has no pull request until one was created, and opens none where the organization forbids Actions that.
_GH = """#!/bin/sh
echo "$*" >>"$NOTES"
case "$1 $2" in
"pr list") if [ -e "$NOTES.open" ]; then echo 7; fi ;;
"pr create") if [ -e "$NOTES.forbidden" ]; then exit 1; fi; touch "$NOTES.open" ;;
esac
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
            "MATRIX": "matrix.yaml",
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

    def day(self, name: str, lock: str, script: str, moved: str = "base moved\n", code: int = 0) -> str:
        """The body of the pull request of a run with this lock, on a fresh checkout; empty without one."""
        self.git("clone", "--quiet", "--branch", "main", "origin", name)
        checkout = self.folder / name
        (checkout / "matrix.lock").write_text(lock)
        scratch = self.folder / f"{name}.temp"
        scratch.mkdir()
        (scratch / "changes.txt").write_text(moved)
        shell = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script]
        done = subprocess.run(
            shell,
            cwd=checkout,
            env={**self.environment, "RUNNER_TEMP": str(scratch)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code, done.stderr
        body = scratch / "body.md"
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
    assert asked == ["pr list", "pr create", "pr list", "pr edit 7"]


def test_a_pull_request_that_may_not_be_opened_fails_the_run(origin: Origin, script: str) -> None:
    origin.notes.with_suffix(".forbidden").touch()
    origin.day("monday", "new\n", script, code=1)
    assert "pr edit" not in origin.notes.read_text()


def test_more_than_a_pull_request_holds_is_cut(origin: Origin, script: str) -> None:
    body = origin.day("monday", "new\n", script, moved="a base moved\n" * 10_000)
    assert 50_000 < len(body) < 65_536
    assert body.endswith("\n```\n")
