"""requirements/dev.txt pins what pyproject.toml asks for, with hashes and without addresses."""

import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PINNED = (ROOT / "requirements" / "dev.txt").read_text()


def asked() -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return [Requirement(text) for text in project["dependencies"] + project["optional-dependencies"]["dev"]]


def faults(text: str) -> list[str]:
    """What is wrong with a file of requirements."""
    entries = text.replace("\\\n", "").splitlines()
    lines = [line for line in entries if line and not line.lstrip().startswith("#")]
    found = [f"an address: {line}" for line in lines if "://" in line or line.startswith("-")]
    found += [f"no hash: {line}" for line in lines if "--hash=sha256:" not in line]
    named = [Requirement(line.split(" --hash")[0]) for line in lines if not line.startswith("-")]
    pins = {canonicalize_name(pin.name): pin for pin in named}
    for wanted in asked():
        pin = pins.get(canonicalize_name(wanted.name))
        if pin is None:
            found.append(f"not pinned: {wanted}")
        elif not all(wanted.specifier.contains(version.version) for version in pin.specifier):
            found.append(f"too old: {pin}")
    return found


def test_everything_is_pinned_with_hashes() -> None:
    assert faults(PINNED) == [], "run scripts/update_requirements"


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("\nhttpx==", "\nhttpy==", "not pinned: httpx"),
        ("\npydantic==2", "\npydantic==1", "too old: pydantic"),
        ("\nidna==", "\nidna @ https://example.org/idna.whl\nidna==", "an address: idna"),
        ("\nidna==", "\n--index-url x\nidna==", "an address: --index-url"),
        ("\nidna==", "\nother==1\nidna==", "no hash: other"),
    ],
)
def test_a_planted_fault_is_found(old: str, new: str, says: str) -> None:
    assert old in PINNED
    assert any(fault.startswith(says) for fault in faults(PINNED.replace(old, new, 1)))
