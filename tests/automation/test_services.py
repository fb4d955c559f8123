"""GitLab and Azure Pipelines from the same plan: valid by their schemas, whatever the plan comes to."""

import json
import re
from collections.abc import Callable, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
import yaml

from builder.cli.app import run
from builder.model.cell import Level
from builder.model.errors import BuilderError
from builder.pipeline.jobs import Runners, Service, build_jobs, smoke_jobs
from builder.report.azure import azure
from builder.report.gitlab import gitlab
from builder.report.jobs import Job, Task
from tests.automation.commands import commands, parse
from tests.automation.steps import steps, targets
from tests.automation.tools import schema
from tests.automation.workflows import ROOT
from tests.pipeline.conftest import CPU, CUDA, Family, family

__all__ = ["family"]
GITLAB = ROOT / "templates/ci/gitlab"
AZURE = ROOT / "templates/ci/azure"
_OUTPUT = re.compile(r"##vso\[task\.setvariable variable=(\w+);isOutput=true\](.*)")


def matrices(count: int, service: Service) -> dict[str, Sequence[Job]]:
    """The jobs of a plan with so many targets, each on two platforms and to be tested on a GPU."""
    family = targets(count, require=Level.GPU)
    pools = [f"{platform}=pool" for platform in ("linux/amd64", "linux/arm64")]
    words = pools if service is Service.AZURE else []
    return {
        "build": build_jobs(family, steps(family), Runners.hosted(words[1:], service=service)),
        "smoke": smoke_jobs(family, steps(family), Runners.own(words, service=service)),
    }


def valid(text: str, folder: Path) -> dict[str, Any]:
    """A child pipeline that GitLab would take: by its schema, and in what the schema cannot say."""
    file = folder / "child.yml"
    file.write_text(text)
    done = schema("gitlab-ci", file)
    assert done.returncode == 0, done.stdout
    data: dict[str, Any] = yaml.safe_load(text)
    hidden = yaml.safe_load((GITLAB / ".gitlab/builder.yml").read_text())
    for name, job in jobs(data).items():
        assert len(name) <= 255
        assert job["stage"] in data["stages"]
        assert job["extends"] in hidden
        for words in chain.from_iterable(map(commands, job["script"])):
            parse(words)
    return data


def jobs(data: dict[str, Any]) -> dict[str, Any]:
    return {name: job for name, job in data.items() if isinstance(job, dict) and "stage" in job}


def outputs(text: str) -> dict[str, Any]:
    found = [_OUTPUT.fullmatch(line) for line in text.splitlines()]
    assert all(found)
    return {match[1]: json.loads(match[2]) if match[2] else {} for match in found if match}


def test_the_templates_are_valid() -> None:
    done = schema("gitlab-ci", GITLAB / ".gitlab-ci.yml", GITLAB / ".gitlab/builder.yml")
    assert done.returncode == 0, done.stdout
    done = schema("azure-pipelines", AZURE / "azure-pipelines.yml", AZURE / "builder-steps.yml")
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("name", "file", "old", "new"),
    [
        ("gitlab-ci", GITLAB / ".gitlab-ci.yml", "strategy: depend", "strategy: depends"),
        ("gitlab-ci", GITLAB / ".gitlab-ci.yml", "- artifact: family", "- artefact: family"),
        ("azure-pipelines", AZURE / "azure-pipelines.yml", "dependsOn: plan", "dependOn: plan"),
        ("azure-pipelines", AZURE / "builder-steps.yml", "- bash: docker login", "- bosh: docker login"),
    ],
)
def test_a_schema_would_disagree(name: str, file: Path, old: str, new: str, tmp_path: Path) -> None:
    text = file.read_text()
    assert old in text
    wrong = tmp_path / "wrong.yml"
    wrong.write_text(text.replace(old, new))
    assert schema(name, wrong).returncode != 0


def test_the_commands_of_the_templates_exist() -> None:
    found = 0
    for file in (*GITLAB.rglob("*.yml"), *AZURE.rglob("*.yml")):
        text = re.sub(r"\$\((\w+)\)", r"$\1", file.read_text())
        for words in commands(text):
            parse(words)
            found += 1
    assert found >= 9


@pytest.mark.parametrize("service", [Service.GITLAB, Service.AZURE])
def test_600_cells_are_at_most_256_jobs_with_each_cell_in_one(service: Service, tmp_path: Path) -> None:
    made = matrices(300, service)
    if service is Service.GITLAB:
        data = valid(gitlab(made, Task("matrix.yaml")), tmp_path)
        assert len(jobs(data)) == len(made["build"]) + len(made["smoke"]) + 1
    else:
        data = outputs(azure(made))
        assert {len(data["build_hosted"]) + len(data["build"]), len(data["smoke"])} == {
            len(made["build"]),
            len(made["smoke"]),
        }
        for legs in data.values():
            assert all(re.fullmatch(r"[A-Za-z]\w{0,99}", name) for name in legs)
    assert len(made["build"]) <= 256
    assert sum(job.images for job in made["build"]) == 600


def test_gitlab_tests_what_was_built_and_releases_when_all_was(tmp_path: Path) -> None:
    made = matrices(2, Service.GITLAB)
    data = jobs(valid(gitlab(made, Task("my matrix.yaml", ("cuda=13.*",))), tmp_path))
    smoke = [job for job in data.values() if job["stage"] == "smoke"]
    assert all((job["when"], job["allow_failure"]) == ("always", True) for job in smoke)
    assert smoke[0]["tags"] == ["gpu", "amd64"]
    assert smoke[0]["script"] == [
        "python -m builder smoke -f 'my matrix.yaml' 'cuda=13.*' --platform linux/amd64 --shard 1/2"
    ]
    assert not any(job.get("allow_failure") for job in data.values() if job["stage"] == "build")
    assert data["release"]["interruptible"] is False


def test_a_plan_without_work_is_still_a_pipeline(tmp_path: Path) -> None:
    none: dict[str, Sequence[Job]] = {"build": (), "smoke": ()}
    assert list(jobs(valid(gitlab(none, Task("matrix.yaml")), tmp_path))) == ["release"]
    assert outputs(azure(none)) == {"build_hosted": {}, "build": {}, "smoke": {}}


def test_azure_takes_the_matrices_that_the_plan_prints() -> None:
    text = (AZURE / "azure-pipelines.yml").read_text()
    assert set(re.findall(r"outputs\['plan\.(\w+)'\]", text)) == set(
        outputs(azure({"build": (), "smoke": ()}))
    )
    (leg, *_) = outputs(azure(matrices(1, Service.AZURE)))["build_hosted"].values()
    assert leg["runner"] == "ubuntu-24.04"
    assert {"platform", "shard", "runner"} <= leg.keys()
    assert set(re.findall(r"\$\(([a-z]\w*)\)", text)) == {"platform", "shard", "runner"}


def test_azure_releases_from_the_one_branch_and_no_other_of_that_last_name() -> None:
    jobs = yaml.safe_load((AZURE / "azure-pipelines.yml").read_text())["jobs"]
    (release,) = (job for job in jobs if job.get("deployment") == "release")
    # SourceBranchName is `main` of refs/heads/other/main and of refs/tags/main, too.
    assert "eq(variables['Build.SourceBranch'], 'refs/heads/main')" in release["condition"]
    assert "SourceBranchName" not in release["condition"]


def test_azure_has_no_arm64_machines_to_lend() -> None:
    family = targets(1)
    with pytest.raises(BuilderError, match="no runner is known for linux/arm64"):
        build_jobs(family, steps(family), Runners.hosted(service=Service.AZURE))


def test_the_pipeline_of_a_real_plan(
    family: Callable[..., Family], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = str(family(CPU, CUDA).file)
    assert run(["plan", "-f", file, "--format", "gitlab", "--runner", "linux/amd64=big,docker"]) == 0
    data = valid(capsys.readouterr().out, tmp_path)
    names = [name for name in jobs(data) if name != "release"]
    assert len(names) == 2
    assert all(data[name]["tags"] == ["big", "docker"] for name in names)
    assert run(["plan", "-f", file, "--format", "azure"]) == 0
    found = outputs(capsys.readouterr().out)
    assert [len(found[name]) for name in ("build_hosted", "build", "smoke")] == [2, 0, 0]
    assert run(["plan", "-f", file, "--format", "azure", "--shard", "1/2"]) == 2
