"""The workflow files: clean for every linter, least in what they may do, and true to the command line."""

import re
import shutil
from collections import defaultdict
from collections.abc import Mapping
from itertools import takewhile
from pathlib import Path
from typing import Any

import pytest

from tests.automation.commands import commands, parse
from tests.automation.tools import actionlint, install_actionlint, schema, zizmor
from tests.automation.workflows import FOLDER, ROOT, SELF, actions, here, load, steps, workflows

_PIN = re.compile(r"uses: (?P<action>[\w./-]+)@(?P<pin>\S+)(?P<comment> # v[0-9.]+)?$", re.MULTILINE)


@pytest.fixture(scope="module")
def linter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return install_actionlint(tmp_path_factory.mktemp("actionlint"))


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of this repository's automation, to plant faults in."""
    shutil.copytree(ROOT / ".github", tmp_path / "copy" / ".github")
    return tmp_path / "copy"


def replace(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))


def test_zizmor_finds_nothing() -> None:
    done = zizmor(ROOT / ".github")
    assert done.returncode == 0, done.stdout


def test_what_zizmor_is_told_to_ignore_has_a_reason() -> None:
    for path in (*workflows(), *actions()):
        for reason in re.findall(r"zizmor: ignore\[[\w-]+\](.*)", path.read_text()):
            assert len(reason.split()) > 3, path


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("@08c6903cd8c0fde910a37f88322edcfb5dd907a8 # v5.0.0", "@v5"),
        ("        with:\n          persist-credentials: false\n", ""),
        ("permissions: {}", "permissions: write-all"),
        ('plan -f "$MATRIX" $RUNNERS', "plan -f ${{ inputs.matrix }} $RUNNERS"),
    ],
)
def test_zizmor_would_find_a_fault(copy: Path, old: str, new: str) -> None:
    replace(copy / ".github/workflows/family.yml", old, new)
    assert zizmor(copy / ".github").returncode != 0


def test_the_schemas_agree() -> None:
    done = schema("github-workflows", *workflows())
    assert done.returncode == 0, done.stdout
    done = schema("github-actions", *actions())
    assert done.returncode == 0, done.stdout


def test_a_schema_would_disagree(copy: Path) -> None:
    file = copy / ".github/workflows/family.yml"
    replace(file, "timeout-minutes: 15", "timeout-minute: 15")
    assert schema("github-workflows", file).returncode != 0


def test_actionlint_finds_nothing(linter: Path, tmp_path: Path) -> None:
    done = actionlint(linter, ROOT, tmp_path)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("needs.plan.outputs.build != ''", "needs.plan.outputs.builds != ''"),
        ("needs: gate", "needs: door"),
        ("'true'", "${{ matrx.platform }}"),
    ],
)
def test_actionlint_would_find_a_fault(linter: Path, copy: Path, tmp_path: Path, old: str, new: str) -> None:
    replace(copy / ".github/workflows/family.yml", old, new)
    done = actionlint(linter, copy, tmp_path / "scratch")
    assert done.returncode != 0, done.stdout


def test_every_command_is_one_that_exists() -> None:
    found = [(step.where, words) for step in steps() for words in commands(step.run)]
    assert len(found) >= 6
    for where, words in found:
        try:
            parse(words)
        except ValueError as error:
            pytest.fail(f"{where}: {' '.join(words)}: {error}")


@pytest.mark.parametrize(
    "line",
    ["python -m builder plan --nothing", "python -m builder nothing", "python -m builder bake --jobs x"],
)
def test_a_command_that_does_not_exist_is_noticed(line: str) -> None:
    (words,) = commands(line)
    with pytest.raises(ValueError, match=r"No such|there is no|valid integer"):
        parse(words)


def test_actions_are_pinned_to_one_commit_each() -> None:
    pins = defaultdict(set)
    for path in (*workflows(), *actions()):
        for found in _PIN.finditer(path.read_text()):
            assert re.fullmatch(r"[0-9a-f]{40}", found["pin"]), f"{path.name}: {found[0]}"
            assert found["comment"], f"{path.name}: {found[0]} does not say which version that is"
            pins[found["action"]].add(found["pin"])
    assert pins
    assert all(len(commits) == 1 for commits in pins.values()), pins
    assert all(here(step.uses).is_dir() for step in steps() if step.uses.startswith(SELF))


def test_jobs_say_what_they_may_do_and_for_how_long() -> None:
    for path in workflows():
        data = load(path)
        assert data["permissions"] == {}, path.name
        for name, job in data["jobs"].items():
            assert isinstance(job["permissions"], dict), f"{path.name}, job {name}"
            assert "uses" in job or job["timeout-minutes"] <= 360, f"{path.name}, job {name}"


def test_jobs_pass_nothing_but_the_registry() -> None:
    """Only the plan's matrices, verdicts and an address go from one job to the next."""
    jobs = {name: job for path in workflows() for name, job in load(path)["jobs"].items()}
    for name, job in jobs.items():
        used = {step.get("uses", "").partition("@")[0] for step in job.get("steps", ())}
        kept = {action for action in used if "artifact" in action or "cache" in action}
        # Pages takes an artifact of the job that deploys it.
        assert kept == ({"actions/upload-pages-artifact"} if "actions/deploy-pages" in used else set()), name
    assert {name: set(job["outputs"]) for name, job in jobs.items() if "outputs" in job} == {
        "plan": {"build", "smoke"},
        "gate": {"ready"},
        "release": {"released"},
        "page": {"url"},
    }


def without_history(workflow: Mapping[Any, Any]) -> list[str]:
    """Jobs in a container of a system that check out before they have Git: what they get is no repository."""
    found = []
    for name, job in workflow["jobs"].items():
        steps = [f"{step.get('run', '')}{step.get('uses', '')}" for step in job.get("steps", ())]
        before = "".join(takewhile(lambda step: "actions/checkout@" not in step, steps))
        if "container" in job and not re.search(r"apt-get install .*\bgit\b", before):
            found.append(name)
    return found


def test_a_checkout_in_a_container_has_its_history() -> None:
    assert [name for path in workflows() for name in without_history(load(path))] == []
    workflow = load(FOLDER / "ci.yml")
    steps = workflow["jobs"]["test"]["steps"]
    steps.append(steps.pop(0))
    assert without_history(workflow) == ["test"]


def test_no_secret_reaches_a_pull_request() -> None:
    for path in workflows():
        triggers = load(path)[True]
        assert "pull_request_target" not in triggers, path.name
        if "pull_request" in triggers:
            assert "secrets." not in path.read_text(), path.name
            for name, job in load(path)["jobs"].items():
                assert job["permissions"] == {"contents": "read"}, f"{path.name}, job {name}"


def test_what_publishes_is_approved_and_never_cancelled() -> None:
    """A job that may write to users' sight waits for its environment, and no other run stops it."""
    publishing = [
        (path.name, job)
        for path in workflows()
        for job in load(path)["jobs"].values()
        if "environment" in job
    ]
    assert {name for name, _ in publishing} == {"family.yml", "page.yml"}
    for name, job in publishing:
        assert job["concurrency"]["cancel-in-progress"] is False, name
    for path in workflows():
        group = load(path).get("concurrency", {})
        assert path.name == "ci.yml" or group.get("cancel-in-progress", False) is False, path.name
