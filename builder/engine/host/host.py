"""Access to a machine's files and programs."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

_FOLDERS = ("usr/local/sbin", "usr/local/bin", "usr/sbin", "usr/bin", "sbin", "bin")
_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Said:
    """A program that ran, or was stopped because it took too long."""

    code: int
    out: str
    error: str


@dataclass(frozen=True, slots=True)
class Host:
    """A machine below `root`; names of files are absolute, as there. `machine` is as `uname -m` says it."""

    root: Path = Path("/")
    machine: str = field(default_factory=lambda: os.uname().machine)

    def path(self, name: str) -> Path:
        """Where a file of the machine is for us."""
        return self.root / name.lstrip("/")

    def text(self, name: str) -> str:
        """A file's content; empty where there is none, or none that we may read."""
        try:
            return self.path(name).read_text(errors="replace")
        except OSError:
            return ""

    def has(self, name: str) -> bool:
        """Whether the file or folder is there."""
        try:
            return self.path(name).exists()
        except OSError:
            return False

    def files(self, folder: str, pattern: str = "*") -> Iterator[Path]:
        """What is in a folder, by name."""
        try:
            yield from sorted(self.path(folder).glob(pattern))
        except OSError:
            return

    def program(self, name: str) -> Path | None:
        """A program by its path, or by its name: on PATH, or where daemons live that PATH lacks."""
        if "/" in name:
            return self.path(name) if os.access(self.path(name), os.X_OK) else None
        folders = [str(self.root / folder) for folder in _FOLDERS]
        if self.root == Path("/"):
            folders = [os.environ.get("PATH", ""), *folders]
        found = shutil.which(name, path=os.pathsep.join(folders))
        return Path(found) if found else None

    def run(self, program: str, *arguments: str, seconds: float = _SECONDS) -> Said | None:
        """Run a program of the machine; None where there is none."""
        path = self.program(program)
        if path is None:
            return None
        try:
            done = subprocess.run(
                [path, *arguments],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=seconds,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return Said(124, "", f"{program} gave no answer within {seconds:g} s")
        except OSError as error:
            return Said(126, "", f"{program} cannot be run: {error.strerror}")
        return Said(done.returncode, done.stdout, done.stderr)
