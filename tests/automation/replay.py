"""Runs a workflow here: its jobs in order, with the conditions, matrices and scripts that its files have.

What a step writes to `$GITHUB_OUTPUT` is what later expressions see, to `$GITHUB_ENV` what later steps get.
Steps that only make sense on GitHub's machines are left out by name, each with a reason.
"""

import os
import shlex
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.automation.expressions import Functions, calls, evaluate, fill, shown
from tests.automation.workflows import SELF, here, load

_BASH = "bash --noprofile --norc -eo pipefail {0}"
_STATUS = ("success", "failure", "always", "cancelled")


@dataclass(frozen=True)
class Ran:
    """A script that was run: where, for which matrix entry, how it ended; whether it is an action's own."""

    job: str
    step: str
    matrix: Mapping[str, Any]
    code: int
    output: str
    action: bool = False


@dataclass
class Replay:
    """A run in `workspace`, where the checkout would be. `left_out` are steps by name, with their reasons.

    `main` is the default branch. Somebody cancels the run in the job `cancelled_in`, after its first entry;
    no runner has a label that is `unserved`, so that GitHub gives such jobs up.
    """

    workspace: Path
    scratch: Path
    event: str = "schedule"
    ref: str = "refs/heads/main"
    inputs: Mapping[str, Any] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    left_out: Mapping[str, str] = field(default_factory=dict)
    token: str = "none"
    cancelled_in: str = ""
    unserved: str = ""
    cancelled: bool = False
    ran: list[Ran] = field(default_factory=list)
    results: dict[str, str] = field(default_factory=dict)
    met: set[str] = field(default_factory=set)
    summary: str = ""

    def workflow(self, path: Path) -> None:
        """Run all jobs of a workflow file, and those of the workflows that it calls."""
        self._workflow(load(path), self.inputs, self.secrets)

    def _workflow(
        self, data: Mapping[Any, Any], inputs: Mapping[str, Any], secrets: Mapping[str, str]
    ) -> dict[str, Any]:
        """The result and the outputs of a workflow, as a job that calls it has them."""
        given = {**self._defaults(data), **inputs}
        contexts = {"github": self._github(), "inputs": given, "vars": self.variables, "secrets": secrets}
        needs: dict[str, dict[str, Any]] = {}
        waiting = dict(data["jobs"])
        while waiting:
            name = next(name for name, job in waiting.items() if set(_needs(job)) <= needs.keys())
            job = waiting.pop(name)
            mine = {need: needs[need] for need in _needs(job)}
            needs[name] = self._job(name, job, data, {**contexts, "needs": mine})
            self.results[name] = needs[name]["result"]
        results = {job["result"] for job in needs.values()}
        asked = (data[True].get("workflow_call") or {}).get("outputs", {})
        return {
            "result": next((bad for bad in ("failure", "cancelled") if bad in results), "success"),
            "outputs": {key: shown(fill(told["value"], {"jobs": needs}, {})) for key, told in asked.items()},
        }

    def scripts(self, job: str) -> list[Ran]:
        """What was run of a job's own steps, not of the actions that it uses."""
        return [ran for ran in self.ran if ran.job == job and not ran.action]

    def _defaults(self, data: Mapping[Any, Any]) -> dict[str, Any]:
        triggers = data[True]
        trigger = triggers.get("workflow_call") or triggers.get(self.event)
        asked = trigger.get("inputs", {}) if isinstance(trigger, Mapping) else {}
        return {name: told.get("default") for name, told in asked.items()}

    def _github(self) -> dict[str, Any]:
        # GitHub promises no repository in the payload of a schedule.
        payload = {} if self.event == "schedule" else {"repository": {"default_branch": "main"}}
        return {
            "event": payload,
            "event_name": self.event,
            "ref": self.ref,
            "repository": "acme/cuda",
            "actor": "somebody",
            "token": self.token,
        }

    def _job(
        self, name: str, job: Mapping[str, Any], workflow: Mapping[str, Any], contexts: dict[str, Any]
    ) -> dict[str, Any]:
        succeeded = all(need["result"] == "success" for need in contexts["needs"].values())
        functions = {
            "cancelled": lambda: self.cancelled,
            "always": lambda: True,
            "success": lambda: succeeded,
        }
        condition = _bare(str(job.get("if", "true")))
        wanted = evaluate(condition, contexts, functions)
        if not wanted or not (succeeded or calls(condition, _STATUS)):
            return {"result": "skipped", "outputs": {}}
        if "uses" in job:
            given, secrets = (
                {key: fill(value, contexts, functions) for key, value in job.get(part, {}).items()}
                for part in ("with", "secrets")
            )
            return self._workflow(load(here(job["uses"])), given, secrets)
        matrix = fill(job.get("strategy", {}).get("matrix"), contexts, functions)
        entries = matrix["include"] if matrix else [{}]
        if any(self.unserved in entry.get("runner", ()) for entry in entries):
            return {"result": "cancelled", "outputs": {}}
        if name == self.cancelled_in:
            self.cancelled = True
            self._leg(name, job, workflow, {**contexts, "matrix": entries[0]})
            return {"result": "cancelled", "outputs": {}}
        ended = [self._leg(name, job, workflow, {**contexts, "matrix": entry}) for entry in entries]
        outputs = {
            key: shown(fill(value, {**contexts, "steps": ended[-1][1]}, functions))
            for key, value in job.get("outputs", {}).items()
        }
        return {"result": "success" if all(good for good, _ in ended) else "failure", "outputs": outputs}

    def _leg(
        self, name: str, job: Mapping[str, Any], workflow: Mapping[str, Any], contexts: dict[str, Any]
    ) -> tuple[bool, dict[str, Any]]:
        """One entry of a job's matrix: whether it succeeded, and the outputs of its steps."""
        runner = {"environment": "self-hosted", "temp": str(self.scratch)}
        contexts = {**contexts, "runner": runner, "steps": {}}
        variables = self.scratch / f"variables{len(self.ran)}"
        variables.touch()
        environment = {**workflow.get("env", {}), **job.get("env", {}), "GITHUB_ENV": str(variables)}
        shell = workflow.get("defaults", {}).get("run", {}).get("shell", "bash")
        failures: list[str] = []
        functions = {
            "cancelled": lambda: self.cancelled,
            "always": lambda: True,
            "success": lambda: not failures,
        }
        for step, told in self._steps(job["steps"], contexts, functions):
            if step["name"] in self.left_out:
                continue
            given = {**environment, **_pairs(variables), **step.get("env", {})}
            good, outputs = self._run(name, step, given, shell, told)
            if not good:
                failures.append(step["name"])
            outcome = "success" if good else "failure"
            contexts["steps"][_id(step)] = {"outputs": outputs, "outcome": outcome}
        return not failures, contexts["steps"]

    def _steps(
        self, steps: list[Mapping[str, Any]], contexts: Mapping[str, Any], functions: Functions
    ) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
        """The steps with a script whose condition holds, those of composite actions in place of their use."""
        for step in steps:
            self.met.add(step["name"])
            condition = _bare(str(step.get("if", "true")))
            due = functions["success"]() or calls(condition, _STATUS)
            if not (due and evaluate(condition, contexts, functions)):
                contexts["steps"][_id(step)] = {"outputs": {}, "outcome": "skipped"}
            elif step.get("uses", "").startswith(SELF):
                action = load(here(step["uses"]) / "action.yml")
                given = {key: fill(value, contexts, {}) for key, value in step.get("with", {}).items()}
                inputs = {key: told.get("default") for key, told in action["inputs"].items()} | given
                github = {**contexts["github"], "action_path": str(here(step["uses"]))}
                theirs = {**contexts, "github": github, "inputs": inputs}
                yield from self._steps(action["runs"]["steps"], theirs, functions)
            else:
                yield step, contexts

    def _run(
        self,
        job: str,
        step: Mapping[str, Any],
        environment: Mapping[str, Any],
        shell: str,
        contexts: Mapping[str, Any],
    ) -> tuple[bool, dict[str, str]]:
        """Run a script; whether it succeeded, and its outputs."""
        number = len(self.ran)
        script, output, summary = (
            self.scratch / f"{kind}{number}" for kind in ("script", "output", "summary")
        )
        script.write_text(fill(step["run"], contexts, {}))
        output.touch()
        given = {key: shown(fill(value, contexts, {})) for key, value in environment.items()}
        files = {
            "GITHUB_OUTPUT": str(output),
            "GITHUB_STEP_SUMMARY": str(summary),
            "RUNNER_TEMP": str(self.scratch),
        }
        template = _BASH if step.get("shell", shell) == "bash" else step.get("shell", shell)
        done = subprocess.run(
            shlex.split(template.format(script)),
            cwd=self.workspace,
            env={**self.environment, **given, **files},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        self.summary += summary.read_text() if summary.exists() else ""
        action = "action_path" in contexts["github"]
        self.ran.append(Ran(job, step["name"], contexts["matrix"], done.returncode, done.stdout, action))
        return done.returncode == 0, _pairs(output)


def _needs(job: Mapping[str, Any]) -> list[str]:
    needs = job.get("needs", [])
    return [needs] if isinstance(needs, str) else needs


def _pairs(file: Path) -> dict[str, str]:
    """What a script left for later ones, `NAME=value` in a line."""
    return dict(line.split("=", 1) for line in file.read_text().splitlines())


def _id(step: Mapping[str, Any]) -> str:
    return str(step.get("id", step["name"]))


def _bare(condition: str) -> str:
    """An `if` without its optional `${{ }}`."""
    return condition.strip().removeprefix("${{").removesuffix("}}")
