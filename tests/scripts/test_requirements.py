"""The files in requirements/ pin what pyproject.toml asks for, with hashes and without addresses."""

import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
EXTRAS = PYPROJECT["project"]["optional-dependencies"]
BUILD = PYPROJECT["build-system"]["requires"]
# What each file has beside the project's own dependencies.
BESIDE = {"dev": EXTRAS["dev"], "run": BUILD, "conda": [*BUILD, *EXTRAS["conda"]]}


def pinned(name: str) -> str:
    return (ROOT / "requirements" / f"{name}.txt").read_text()


def asked(name: str) -> list[Requirement]:
    return [Requirement(text) for text in PYPROJECT["project"]["dependencies"] + BESIDE[name]]


def entries(text: str) -> list[str]:
    """The lines that say something."""
    lines = text.replace("\\\n", "").splitlines()
    return [line for line in lines if line and not line.lstrip().startswith("#")]


def pins(text: str) -> Iterator[Requirement]:
    """The packages of a file."""
    for line in entries(text):
        if not line.startswith("-"):
            yield Requirement(line.split(" --hash")[0])


def faults(text: str, wanted: list[Requirement]) -> list[str]:
    """What is wrong with a file of requirements."""
    lines = entries(text)
    found = [f"an address: {line}" for line in lines if "://" in line or line.startswith("-")]
    found += [f"no hash: {line}" for line in lines if "--hash=sha256:" not in line]
    have = {canonicalize_name(pin.name): pin for pin in pins(text)}
    for one in wanted:
        pin = have.get(canonicalize_name(one.name))
        if pin is None:
            found.append(f"not pinned: {one}")
        elif not all(one.specifier.contains(version.version) for version in pin.specifier):
            found.append(f"too old: {pin}")
    return found


@pytest.mark.parametrize("name", BESIDE)
def test_everything_is_pinned_with_hashes(name: str) -> None:
    assert faults(pinned(name), asked(name)) == [], "run scripts/update_requirements"


def test_every_file_is_one_that_is_checked() -> None:
    assert {file.stem for file in (ROOT / "requirements").iterdir()} == BESIDE.keys()


@pytest.mark.parametrize("name", ["run", "conda"])
def test_what_runs_is_what_was_tested(name: str) -> None:
    tested = {str(pin) for pin in pins(pinned("dev"))}
    common = {pin.name for pin in pins(pinned("dev"))}
    assert {str(pin) for pin in pins(pinned(name)) if pin.name in common} <= tested


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("\nhttpx==", "\nhttpy==", "not pinned: httpx"),
        ("\nhatchling==", "\nhatchlink==", "not pinned: hatchling"),
        ("\npydantic==2", "\npydantic==1", "too old: pydantic"),
        ("\nidna==", "\nidna @ https://example.org/idna.whl\nidna==", "an address: idna"),
        ("\nidna==", "\n--index-url x\nidna==", "an address: --index-url"),
        ("\nidna==", "\nother==1\nidna==", "no hash: other"),
    ],
)
def test_a_planted_fault_is_found(old: str, new: str, says: str) -> None:
    text = pinned("run")
    assert old in text
    assert any(fault.startswith(says) for fault in faults(text.replace(old, new, 1), asked("run")))
