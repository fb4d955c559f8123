"""The workflow files of this repository, as data."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / ".github" / "workflows"
ACTIONS = ROOT / ".github" / "actions"
SELF = "$/"


@dataclass(frozen=True)
class Step:
    """A step and where it stands."""

    where: str
    data: Mapping[str, Any]

    @property
    def run(self) -> str:
        """Its script; empty for one that uses an action."""
        return str(self.data.get("run", ""))

    @property
    def uses(self) -> str:
        """The action that it uses."""
        return str(self.data.get("uses", ""))


def load(path: Path) -> dict[Any, Any]:
    """A workflow or an action. Its triggers stand under `True`, for which YAML 1.1 takes the key `on`."""
    data = yaml.safe_load(path.read_text())
    assert isinstance(data, dict)
    return data


def workflows() -> list[Path]:
    """All workflows."""
    return sorted(FOLDER.glob("*.yml"))


def actions() -> list[Path]:
    """All composite actions."""
    return sorted(ACTIONS.glob("*/action.yml"))


def here(uses: str) -> Path:
    """The file that a reference into this repository means: a workflow, or the folder of an action."""
    assert uses.startswith(SELF)
    return ROOT / uses.removeprefix(SELF)


def steps() -> Iterator[Step]:
    """Every step of every workflow and action."""
    for path in workflows():
        for job, data in load(path)["jobs"].items():
            for step in data.get("steps", ()):
                yield Step(f"{path.name}, job {job}, step {step.get('name')}", step)
    for path in actions():
        for step in load(path)["runs"]["steps"]:
            yield Step(f"{path.parent.name}/{path.name}, step {step.get('name')}", step)
