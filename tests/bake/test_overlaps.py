"""Wheels that hold the same file with other content: the same one stays, whichever uv wrote last."""

import shutil
import subprocess
import sys
import sysconfig
from hashlib import sha256
from pathlib import Path
from zipfile import ZipFile

import pytest
from uv import find_uv_bin

from builder.bake import context

# The function of the build's script, as it is written there, with what it takes from around it.
SETTLE = """
set -euo pipefail
packages=$1 wheels=$2 overlaps=$3 python=$4 uv=$5
shift 5
settings=("$@" --no-deps --no-index --find-links "$wheels" -r "$wheels/requirements.txt")
uv() { "$uv" "$@"; }
. <(sed -n '/^settle() {$/,/^}$/p' "$overlaps/install-wheels" | sed "s#/builder/#$overlaps/#")
settle
"""


def wheel(folder: Path, name: str, **files: str) -> str:
    """Write a wheel with these files in a folder `shared`; its requirement."""
    paths = {f"shared/{path}.h": text for path, text in files.items()}
    about = f"{name}-1.0.dist-info"
    paths[f"{about}/METADATA"] = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n"
    paths[f"{about}/WHEEL"] = "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    lines = [f"{path},sha256={sha256(text.encode()).hexdigest()},{len(text)}" for path, text in paths.items()]
    paths[f"{about}/RECORD"] = "\n".join([*lines, f"{about}/RECORD,,", ""])
    with ZipFile(folder / f"{name}-1.0-py3-none-any.whl", "w") as archive:
        for path, text in paths.items():
            archive.writestr(path, text)
    return f"{name}==1.0"


@pytest.fixture
def wheels(tmp_path: Path) -> Path:
    folder = tmp_path / "wheels"
    folder.mkdir()
    wanted = (
        wheel(folder, "cupti", meta="of cupti", alike="the same", cupti="own"),
        wheel(folder, "sanitizer", meta="of sanitizer", alike="the same", sanitizer="own"),
        wheel(folder, "runtime", runtime="own"),
    )
    (folder / "requirements.txt").write_text("\n".join(wanted))
    return folder


def settled(tmp_path: Path, wheels: Path, order: tuple[str, ...], *, target: bool) -> dict[str, str]:
    """Every file after the wheels were written in this order, and settled."""
    tree = tmp_path / "tree"
    shutil.rmtree(tree, ignore_errors=True)
    uv, python = find_uv_bin(), sys.executable
    packages, into = tree, ["--target", str(tree), "--python", python]
    if not target:
        subprocess.run([uv, "venv", "-q", "--no-project", "--python", python, tree], check=True)
        packages = Path(sysconfig.get_path("purelib", vars={"base": str(tree)}))
        into = ["--python", str(tree / "bin/python")]
    for name in order:
        command = [
            uv,
            "pip",
            "install",
            "-q",
            *into,
            "--no-index",
            "--find-links",
            str(wheels),
            f"{name}==1.0",
        ]
        subprocess.run(command, check=True)
    before = {path.name: path.read_text() for path in packages.glob("shared/*")}
    assert before["meta.h"] == f"of {order[-1]}"
    words = map(str, (packages, wheels, context.path(), python, uv, *into))
    subprocess.run(["bash", "-c", SETTLE, "settle", *words], check=True)
    return {path.name: path.read_text() for path in packages.glob("shared/*")}


@pytest.mark.parametrize("target", [False, True])
def test_the_same_file_stays_whichever_was_written_last(
    tmp_path: Path, wheels: Path, *, target: bool
) -> None:
    own = {"cupti.h": "own", "sanitizer.h": "own", "runtime.h": "own"}
    wanted = {"meta.h": "of sanitizer", "alike.h": "the same", **own}
    for order in (("runtime", "cupti", "sanitizer"), ("sanitizer", "runtime", "cupti")):
        assert settled(tmp_path, wheels, order, target=target) == wanted


def test_only_wheels_that_differ_are_named(tmp_path: Path, wheels: Path) -> None:
    tree = tmp_path / "tree"
    command = [find_uv_bin(), "pip", "install", "-q", "--target", str(tree), "--python", sys.executable]
    subprocess.run([*command, "--no-index", *map(str, wheels.glob("*.whl"))], check=True)
    script = [sys.executable, str(context.path() / "overlaps.py"), str(tree)]
    said = subprocess.run(script, check=True, capture_output=True, text=True).stdout
    assert said.split() == ["cupti", "sanitizer"]
