"""GitHub's REST API as far as its documentation (version 2022-11-28) says what the client here relies on.

Tests plant a repository's history as plain values. Lists come in pages with a Link header; what a token may
not do is 403 with GitHub's own message, a text that is too long 422; labels, issues and comments are kept.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from builder.github.settings import Settings

REPOSITORY = "acme/cuda"
_OWNER = "acme"
TOKEN = "a-token-that-nobody-may-see"
_LISTS = ("workflows", "workflow_runs", "jobs", "runners")
_NOT_FOUND = 404, {"message": "Not Found", "status": "404"}
# The most characters of an issue's or a comment's text: GitHub's answer says so, its documentation does not.
_MOST_TEXT = 65_536
_FORBIDDEN = {"message": "Resource not accessible by integration", "status": "403"}


@dataclass
class GithubServer:
    """A repository. `asked` are the requests as `METHOD path`; `fail` are answers to give first, by path.

    `denied` are paths that the token does not reach; `page` is the most entries of a page. `owner` is a type
    of account, and `lent` are the runners of an organization, which the repository's own list lacks.
    """

    url: str = ""
    private: bool = False
    commits: list[datetime] = field(default_factory=list)
    workflows: list[dict[str, Any]] = field(default_factory=list)
    runs: list[dict[str, Any]] = field(default_factory=list)
    jobs: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    runners: list[dict[str, Any]] = field(default_factory=list)
    lent: list[dict[str, Any]] = field(default_factory=list)
    owner: str = "Organization"
    labels: list[str] = field(default_factory=list)
    issues: list[dict[str, Any]] = field(default_factory=list)
    comments: list[tuple[int, str]] = field(default_factory=list)
    denied: set[str] = field(default_factory=set)
    fail: list[tuple[int, dict[str, str], Any]] = field(default_factory=list)
    page: int = 100
    asked: list[str] = field(default_factory=list)

    @property
    def settings(self) -> Settings:
        """For a client that waits for nobody."""
        return Settings(REPOSITORY, TOKEN, self.url, sleep=lambda _: None)

    @property
    def environment(self) -> dict[str, str]:
        """What GitHub Actions would set."""
        return {"GITHUB_REPOSITORY": REPOSITORY, "GITHUB_TOKEN": TOKEN, "GITHUB_API_URL": self.url}

    @property
    def open(self) -> list[dict[str, Any]]:
        """The open issues."""
        return [issue for issue in self.issues if issue["state"] == "open"]

    @property
    def writes(self) -> list[str]:
        """The requests that change something."""
        return [asked for asked in self.asked if not asked.startswith("GET")]

    def workflow(self, file: str, *, state: str = "active", created: datetime) -> None:
        """Plant a workflow."""
        number = len(self.workflows) + 1
        path = f".github/workflows/{file}"
        told = {"id": number, "name": file, "path": path, "state": state, "created_at": stamp(created)}
        self.workflows.append(told)

    def run(self, file: str, when: datetime, *, event: str = "schedule", ended: str = "success") -> int:
        """Plant a run that has ended so, or that is `queued`, `in_progress` or `waiting`."""
        number = len(self.runs) + 1
        unfinished = ended in ("queued", "in_progress", "waiting")
        self.runs.append(
            {
                "id": number,
                "event": event,
                "status": ended if unfinished else "completed",
                "conclusion": None if unfinished else ended,
                "created_at": stamp(when),
                "run_started_at": stamp(when),
                "html_url": f"https://github.test/{REPOSITORY}/actions/runs/{number}",
                "path": f".github/workflows/{file}",
            }
        )
        return number

    def job(self, run: int, name: str, labels: list[str], since: datetime, status: str = "queued") -> None:
        """Plant a job of a run."""
        url = f"https://github.test/{REPOSITORY}/actions/runs/{run}/job/1"
        told = {"name": name, "labels": labels, "status": status, "created_at": stamp(since), "html_url": url}
        self.jobs.setdefault(run, []).append(told)

    def runner(self, name: str, labels: list[str], status: str = "online") -> None:
        """Plant a self-hosted runner of the repository."""
        self.runners.append(_runner(len(self.runners), name, labels, status))

    def lend(self, name: str, labels: list[str], status: str = "online") -> None:
        """Plant a self-hosted runner of the organization."""
        self.lent.append(_runner(len(self.lent), name, labels, status))

    def answer(self, method: str, path: str, query: dict[str, str], body: Any) -> tuple[int, Any]:
        """Status and body."""
        if path.startswith("/orgs/"):
            return self._organization(path)
        root, _, rest = path.removeprefix("/repos/").partition(REPOSITORY)
        if root or (rest and rest[0] != "/"):
            return _NOT_FOUND
        if rest in self.denied:
            return 403, _FORBIDDEN
        parts = rest.strip("/").split("/")
        if method != "GET":
            return self._write(method, parts, body)
        return self._actions(parts[1:], query) if parts[0] == "actions" else self._read(parts, query)

    def _organization(self, path: str) -> tuple[int, Any]:
        """GitHub shows runners to an organization's administrators alone; a person is no organization."""
        if path in self.denied:
            return 403, _FORBIDDEN
        known = self.owner == "Organization" and path == f"/orgs/{_OWNER}/actions/runners"
        return (200, {"runners": self.lent}) if known else _NOT_FOUND

    def _read(self, parts: list[str], query: dict[str, str]) -> tuple[int, Any]:
        match parts:
            case [""]:
                owner = {"login": _OWNER, "type": self.owner}
                told = {"full_name": REPOSITORY, "private": self.private, "default_branch": "main"}
                return 200, {**told, "owner": owner}
            case ["commits"]:
                assert query["sha"] == "main"
                newest = sorted(self.commits, reverse=True)[: int(query["per_page"])]
                return 200, [{"commit": {"committer": {"date": stamp(when)}}} for when in newest]
            case ["issues"]:
                return 200, [i for i in self.open if query["labels"] in [one["name"] for one in i["labels"]]]
        return _NOT_FOUND

    def _actions(self, parts: list[str], query: dict[str, str]) -> tuple[int, Any]:
        match parts:
            case ["workflows"]:
                return 200, {"workflows": self.workflows}
            case ["workflows", number, "runs"]:
                (path,) = [w["path"] for w in self.workflows if str(w["id"]) == number]
                return 200, {"workflow_runs": self._runs(query, path)[: int(query["per_page"])]}
            case ["runs"]:
                return 200, {"workflow_runs": self._runs(query)}
            case ["runs", number, "jobs"]:
                return 200, {"jobs": self.jobs.get(int(number), [])}
            case ["runners"]:
                return 200, {"runners": self.runners}
        return _NOT_FOUND

    def _write(self, method: str, parts: list[str], body: Any) -> tuple[int, Any]:
        if len(body.get("body", "")) > _MOST_TEXT:
            said = f"body is too long (maximum is {_MOST_TEXT} characters)"
            error = {"resource": "Issue", "code": "custom", "field": "body", "message": said}
            return 422, {"message": "Validation Failed", "errors": [error], "status": "422"}
        match method, parts:
            case "POST", ["labels"]:
                return self._label(body["name"])
            case "POST", ["issues"]:
                return 201, self._issue(body)
            case "POST", ["issues", number, "comments"]:
                self.comments.append((int(number), body["body"]))
                return 201, {"id": len(self.comments), "body": body["body"]}
            case "PATCH", ["issues", number]:
                issue = self.issues[int(number) - 1]
                issue.update(body)
                return 200, issue
        return _NOT_FOUND

    def _runs(self, query: dict[str, str], path: str = "") -> list[dict[str, Any]]:
        """`status` is a status or a conclusion, as GitHub has it; newest first."""
        return [
            run
            for run in sorted(self.runs, key=lambda run: run["created_at"], reverse=True)
            if query.get("event", run["event"]) == run["event"]
            and query["status"] in (run["status"], run["conclusion"])
            and path in ("", run["path"])
        ]

    def _label(self, name: str) -> tuple[int, Any]:
        if name in self.labels:
            error = {"resource": "Label", "code": "already_exists", "field": "name"}
            return 422, {"message": "Validation Failed", "errors": [error], "status": "422"}
        self.labels.append(name)
        return 201, {"name": name}

    def _issue(self, body: dict[str, Any]) -> dict[str, Any]:
        number = len(self.issues) + 1
        labels = [{"name": name} for name in body["labels"] if name in self.labels]
        url = f"https://github.test/{REPOSITORY}/issues/{number}"
        made = {"number": number, "state": "open", "html_url": url, **body, "labels": labels}
        self.issues.append(made)
        return made


@contextmanager
def github_server(**planted: Any) -> Iterator[GithubServer]:
    """The server, on a free port of 127.0.0.1."""
    github = GithubServer(**planted)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _serve(self) -> None:
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            github.asked.append(f"{self.command} {parts.path}")
            if self.headers["Authorization"] != f"Bearer {TOKEN}":
                self._reply(401, {"message": "Bad credentials", "status": "401"})
            elif github.fail:
                status, headers, told = github.fail.pop(0)
                self._reply(status, told, headers)
            else:
                query = {key: values[0] for key, values in parse_qs(parts.query).items()}
                status, told = github.answer(
                    self.command, parts.path, query, json.loads(body) if body else None
                )
                self._reply(status, *_paged(github, told, parts.path, query))

        do_GET = do_POST = do_PATCH = _serve  # noqa: N815  the base class's names

        def _reply(self, status: int, told: Any, headers: dict[str, str] | None = None) -> None:
            content = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json; charset=utf-8")
            self.send_header("Content-Length", str(len(content)))
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base class's name
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        http.daemon_threads = True
        github.url = f"http://127.0.0.1:{http.server_address[1]}"
        thread = Thread(target=http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield github
        finally:
            http.shutdown()
            thread.join()


def _runner(number: int, name: str, labels: list[str], status: str) -> dict[str, Any]:
    told = [{"id": i, "name": label, "type": "custom"} for i, label in enumerate(labels)]
    return {"id": number, "name": name, "os": "Linux", "status": status, "busy": False, "labels": told}


def stamp(when: datetime) -> str:
    """A time as GitHub writes it."""
    return f"{when.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _paged(github: GithubServer, told: Any, path: str, query: dict[str, str]) -> tuple[Any, dict[str, str]]:
    """A page of what is a list, or an object with one, and the link to the next."""
    key = next((name for name in _LISTS if name in told), "") if isinstance(told, dict) else ""
    entries = told[key] if key else told
    if not isinstance(entries, list):
        return told, {}
    size, page = min(int(query.get("per_page", 30)), github.page), int(query.get("page", 1))
    rest = entries[(page - 1) * size :]
    more = urlencode({**query, "page": page + 1})
    link = {"Link": f'<{github.url}{path}?{more}>; rel="next"'} if len(rest) > size else {}
    return ({key: rest[:size], "total_count": len(entries)} if key else rest[:size]), link
