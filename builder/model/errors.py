"""The one exception that stops a run, and the exit codes it ends with."""

from enum import IntEnum

from builder.model.finding import Finding
from builder.model.location import Location


class ExitCode(IntEnum):
    """What the process tells its caller."""

    DONE = 0
    FINDINGS = 1
    MATRIX = 2
    NOTHING_SELECTED = 3
    INCOMPATIBLE = 4
    TEMPLATE = 5
    TOOL_MISSING = 10
    BUILD_FAILED = 11
    REGISTRY = 20
    UNAUTHORIZED = 21
    NOT_FOUND = 22
    UNAVAILABLE = 23
    DIGEST_MISMATCH = 24
    TAG_EXISTS = 25
    SMOKE_FAILED = 30
    REFUSED = 40
    BUG = 70
    INTERRUPTED = 130


class BuilderError(Exception):
    """The run cannot go on: what happened, where, and what the user can do about it."""

    def __init__(self, code: ExitCode, what: str, *, fix: str, where: Location | str | None = None) -> None:
        super().__init__(what)
        self.code = code
        self.what = what
        self.where = where
        self.fix = fix

    def __str__(self) -> str:
        where = f"{self.where}: " if self.where else ""
        return f"{where}{self.what}"


class MatrixError(BuilderError):
    """The matrix, or the cells it comes to, cannot be built; each finding says why."""

    def __init__(self, code: ExitCode, findings: tuple[Finding, ...]) -> None:
        count = len(findings)
        super().__init__(
            code,
            f"the matrix has {count} {'error' if count == 1 else 'errors'}",
            fix="Correct what is listed.",
        )
        self.findings = findings
