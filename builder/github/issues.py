"""Issues: found by a label, opened, changed, commented, closed. Needs the permission `issues: write`."""

from collections.abc import Mapping
from typing import Any

from builder.github.client import Github
from builder.github.errors import GithubError
from builder.github.values import Issue

_EXISTS = 422


def labelled(github: Github, label: str) -> tuple[Issue, ...]:
    """The open issues with a label, oldest first; pull requests, which GitHub lists among them, left out."""
    listed = github.pages("/issues", labels=label, state="open", sort="created", direction="asc")
    return tuple(_issue(told) for told in listed if "pull_request" not in told)


def create(github: Github, title: str, body: str, label: str, about: str) -> Issue:
    """Open an issue with a label, which is made where the repository lacks it; `about` describes it."""
    try:
        github.send("POST", "/labels", {"name": label, "color": "d93f0b", "description": about})
    except GithubError as error:
        if error.status != _EXISTS:
            raise
    return _issue(github.send("POST", "/issues", {"title": title, "body": body, "labels": [label]}))


def update(github: Github, issue: Issue, title: str, body: str) -> None:
    """Give an issue another title and text."""
    github.send("PATCH", f"/issues/{issue.number}", {"title": title, "body": body})


def comment(github: Github, issue: Issue, body: str) -> None:
    """Say something in an issue, which tells everybody who follows it."""
    github.send("POST", f"/issues/{issue.number}/comments", {"body": body})


def close(github: Github, issue: Issue) -> None:
    """Close an issue as done."""
    github.send("PATCH", f"/issues/{issue.number}", {"state": "closed", "state_reason": "completed"})


def _issue(told: Mapping[str, Any]) -> Issue:
    return Issue(told["number"], told["title"], told["body"] or "", told["html_url"])
