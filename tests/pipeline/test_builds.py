"""From cells and a lock to builds."""

from datetime import date
from pathlib import Path

import pytest

from builder.matrix.expansion.expand import expand
from builder.matrix.lock import Lock, dump
from builder.model.errors import BuilderError, ExitCode, MatrixError
from builder.model.finding import Severity
from builder.pipeline.inputs.builds import builds
from builder.pipeline.inputs.project import read, require_sound
from tests.matrix.samples import CLEAN, HEAD, lock_for, matrix, parsed, text


def test_every_cell_has_a_build_of_its_own() -> None:
    loaded = parsed(text(CLEAN))
    expansion = expand(loaded)
    found = builds(loaded.matrix, lock_for(loaded, expansion), expansion.targets)
    assert len({build.name for build in found}) == len({build.key for build in found}) == len(expansion.cells)


@pytest.mark.parametrize(
    ("axes", "said"),
    [
        ({"cuda": "13.2.1", "os": "ubuntu24.04", "torch": "99.0.0"}, "torch 99.0.0 is not among the known"),
        ({"cuda": "cpu", "os": "plan9"}, "no operating system `plan9`"),
    ],
)
def test_what_the_tables_do_not_know_is_no_bug(axes: dict[str, str], said: str) -> None:
    loaded = matrix(axes=axes)
    expansion = expand(loaded)
    with pytest.raises(BuilderError, match=said) as refused:
        builds(loaded.matrix, lock_for(loaded, expansion), expansion.targets)
    assert refused.value.code is ExitCode.INCOMPATIBLE
    assert refused.value.where == expansion.cells[0].where


def test_a_stale_lock_is_refused_by_what_builds(tmp_path: Path) -> None:
    file = tmp_path / "matrix.yaml"
    file.write_bytes(text({**HEAD, "axes": CLEAN["axes"]}))
    file.with_suffix(".lock").write_text(dump(Lock(date(2026, 11, 20))))
    project = read(file, date(2026, 11, 21))
    with pytest.raises(MatrixError) as refused:
        require_sound(project)
    assert {(finding.rule, finding.severity) for finding in refused.value.findings} == {
        ("lock-stale", Severity.ERROR)
    }
