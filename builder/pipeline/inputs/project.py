"""A matrix with its lock and what the rules say of them: where every command begins."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from builder.matrix import lock as locks
from builder.matrix.conda.file import NO_FILE, EnvironmentFile
from builder.matrix.expansion.apps import Read, apps
from builder.matrix.expansion.expand import Expansion, expand
from builder.matrix.lock import Lock
from builder.matrix.rules.catalog import judge
from builder.matrix.rules.rule import Context
from builder.matrix.schema import Matrix
from builder.matrix.text.load import Loaded, load
from builder.model.errors import BuilderError, ExitCode, MatrixError
from builder.model.finding import Finding, Severity
from builder.pipeline.inputs.sources import read_environment, read_sources

_EMPTY = "empty-matrix"
_STALE = "lock-stale"


@dataclass(frozen=True, slots=True)
class Project:
    """What the files say. `lock` is None where there is none yet; `sources` are its apps' files."""

    file: Path
    loaded: Loaded
    expansion: Expansion
    lock: Lock | None
    findings: tuple[Finding, ...]
    sources: Mapping[str, Read] = field(default_factory=dict)
    environment: EnvironmentFile = NO_FILE

    @property
    def matrix(self) -> Matrix:
        """The matrix as written."""
        return self.loaded.matrix

    def context(self, today: date) -> Context:
        """What rules look at."""
        return Context(self.loaded, self.expansion, self.lock, today, self.sources, self.environment)


def read(file: Path, today: date) -> Project:
    """Read a matrix, its lock and the files of its apps, and apply every rule that needs no registry.

    Raises:
        MatrixError: (2) when the text is no matrix.
        BuilderError: (2) when a file cannot be read.
    """
    loaded = load(_content(file), _shown(file))
    if not isinstance(loaded, Loaded):
        raise MatrixError(ExitCode.MATRIX, loaded)
    environment = read_environment(loaded, file.parent)
    family = expand(loaded, environment)
    sources = read_sources(loaded.matrix, file.parent)
    expansion = replace(family, apps=apps(loaded, family.targets, sources))
    lock = read_lock(file)
    findings = judge(Context(loaded, expansion, lock, today, sources, environment))
    return Project(file, loaded, expansion, lock, findings, sources, environment)


def require_sound(project: Project) -> Lock:
    """The lock of a project that has no error and whose lock is complete.

    Raises:
        MatrixError: (3) for an empty matrix, (4) for cells that cannot be, or that the lock does not know.
    """
    # `check` only warns of a lock that lacks something; whoever builds cannot go on.
    errors = tuple(
        replace(finding, severity=Severity.ERROR)
        for finding in project.findings
        if finding.severity is Severity.ERROR or finding.rule == _STALE
    )
    if errors or project.lock is None:
        empty = any(finding.rule == _EMPTY for finding in errors)
        raise MatrixError(ExitCode.NOTHING_SELECTED if empty else ExitCode.INCOMPATIBLE, errors)
    return project.lock


def lock_path(file: Path) -> Path:
    """Where the lock of a matrix is: `matrix.lock` beside `matrix.yaml`."""
    return file.with_suffix(".lock")


def read_lock(file: Path) -> Lock | None:
    """The lock beside a matrix."""
    path = lock_path(file)
    return locks.parse(_content(path), _shown(path)) if path.exists() else None


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise BuilderError(
            ExitCode.MATRIX,
            f"it cannot be read: {error.strerror}",
            fix="Name the matrix with --file.",
            where=_shown(file),
        ) from error


def _shown(file: Path) -> str:
    """The path as the user would type it."""
    try:
        return str(file.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(file)
