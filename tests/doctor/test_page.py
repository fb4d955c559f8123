"""docs/troubleshooting.md is what the doctor's table says."""

import subprocess
import sys
from pathlib import Path

from builder.doctor.image.ailments import AILMENTS

SCRIPT = Path(__file__).parents[2] / "scripts" / "troubleshooting"


def test_the_page_is_current() -> None:
    done = subprocess.run([sys.executable, str(SCRIPT)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"run scripts/troubleshooting --write\n{done.stdout}{done.stderr}"


def test_every_ailment_has_a_name_of_its_own_and_a_remedy() -> None:
    assert len({ailment.id for ailment in AILMENTS}) == len(AILMENTS)
    assert all(ailment.cause and ailment.fix for ailment in AILMENTS)
