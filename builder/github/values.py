"""What GitHub tells, in its own words; times are UTC."""

from dataclasses import dataclass
from datetime import datetime

ACTIVE, QUIET = "active", "disabled_inactivity"


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository, when its default branch last got a commit, and the organization that owns it.

    None where it has no commit, or belongs to a person.
    """

    name: str
    private: bool
    last_commit: datetime | None
    organization: str | None


@dataclass(frozen=True, slots=True)
class Workflow:
    """A workflow by its file's name, as `images.yml`. `state` is `active` or a kind of disabled."""

    id: int
    file: str
    state: str
    created: datetime


@dataclass(frozen=True, slots=True)
class Run:
    """A run of a workflow, when it began, and its page."""

    id: int
    began: datetime
    url: str


@dataclass(frozen=True, slots=True)
class WaitingJob:
    """A job that no runner has taken yet, and the labels that it asks for."""

    name: str
    labels: frozenset[str]
    since: datetime
    url: str


@dataclass(frozen=True, slots=True)
class Runner:
    """A self-hosted runner; labels are in lower case, as GitHub compares them."""

    name: str
    online: bool
    labels: frozenset[str]


@dataclass(frozen=True, slots=True)
class Issue:
    """An open issue."""

    number: int
    title: str
    body: str
    url: str
