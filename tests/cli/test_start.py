"""A command starts with its own module, and not with those of the others."""

import subprocess
import sys
from pathlib import Path

import pytest

import builder.cli
from builder.cli.app import COMMANDS, load_command

ROOT = Path(__file__).parents[2]
LOADED = """
import sys
from builder.cli.app import run
run(sys.argv[1:])
print(*(name.removeprefix("builder.cli.") for name in sys.modules if name.startswith("builder.cli.")))
"""


def test_every_module_with_a_command_is_one() -> None:
    modules = Path(builder.cli.__file__).parent.glob("*.py")
    assert {path.stem for path in modules if "\ndef command(" in path.read_text()} == set(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_is_found_by_its_name(name: str) -> None:
    assert load_command(name).name == name


@pytest.mark.parametrize("words", [["schema"], ["explain", "--help"]])
def test_no_other_command_is_imported(words: list[str]) -> None:
    shown = subprocess.run(
        [sys.executable, "-c", LOADED, *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert set(shown.stdout.splitlines()[-1].split()) & set(COMMANDS) == {words[0]}
