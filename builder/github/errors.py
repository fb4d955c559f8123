"""What a refusal of GitHub's means."""

from typing import Any

from builder.model.errors import BuilderError, ExitCode

_MESSAGE_LENGTH = 200
_CODES = {
    401: (ExitCode.UNAUTHORIZED, "it does not know the token", "Give a valid one as GITHUB_TOKEN."),
    403: (
        ExitCode.UNAUTHORIZED,
        "the token may not do this",
        "Grant the job the permission that docs/guides/github.md names for it.",
    ),
    404: (
        ExitCode.NOT_FOUND,
        "it does not exist, or the token may not see it",
        "Check GITHUB_REPOSITORY and the token's permissions.",
    ),
    410: (ExitCode.NOT_FOUND, "it is switched off", "Enable it in the repository's settings."),
}
_IN_TROUBLE = 500


class GithubError(BuilderError):
    """GitHub refuses or cannot answer; `status` is the HTTP status, 0 where there was no answer."""

    def __init__(self, code: ExitCode, what: str, *, where: str, fix: str, status: int = 0) -> None:
        super().__init__(code, what, where=where, fix=fix)
        self.status = status

    @property
    def forbidden(self) -> bool:
        """Whether the token does not reach this; GitHub says 404 of what it hides."""
        return self.status in (403, 404)


def refusal(status: int, body: Any, where: str) -> GithubError:
    """The error of a status that is no success, with what GitHub says."""
    said = body.get("message") if isinstance(body, dict) else None
    shown = "".join(c if c.isprintable() else " " for c in str(said)[:_MESSAGE_LENGTH]) if said else ""
    told = f"{status}: {shown}" if shown else str(status)
    if status >= _IN_TROUBLE:
        return unavailable(f"it is in trouble ({told})", where, status)
    code, what, fix = _CODES.get(
        status, (ExitCode.REGISTRY, "it refuses this request", "Read what it says, and its documentation.")
    )
    return GithubError(code, f"{what} ({told})", where=where, fix=fix, status=status)


def unavailable(what: str, where: str, status: int = 0) -> GithubError:
    """GitHub could not be asked, or could not answer."""
    fix = "Run again later; see githubstatus.com."
    return GithubError(ExitCode.UNAVAILABLE, what, where=where, fix=fix, status=status)
