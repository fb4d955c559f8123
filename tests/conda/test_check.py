"""What `check` says of an environment file, with the cell, the file's line and what to do."""

from pathlib import Path

import pytest

from builder.cli.app import run

MATRIX = """\
release: ghcr.io/acme/cuda
staging: ghcr.io/acme/cuda-staging
conda: {environment: environment.yml}
axes: {cuda: "12.6.3", os: ubuntu24.04, torch: "2.7.1", python: "3.12", env: conda}
tags: {release: "{cuda}-{os}-{env}-{epoch:%Y%m%d}"}
"""


@pytest.fixture
def matrix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "matrix.yaml"
    file.write_text(MATRIX)
    return file


def test_another_cuda_is_an_error_at_the_files_own_line(
    matrix: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    matrix.with_name("environment.yml").write_text("dependencies:\n  - scipy\n  - cuda-version=11.8\n")
    assert run(["check", "--offline"]) == 1
    said = capsys.readouterr().out
    assert "environment.yml:3:5: error: `cuda-version=11.8` contradicts the cell" in said
    assert "12.6.3-base-ubuntu24.04-py3.12-torch2.7.1-conda" in said
    assert "fix: Remove the line" in said


def test_a_file_that_is_not_there_is_an_error_where_the_matrix_names_it(
    matrix: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["check", "--offline"]) == 1
    assert "matrix.yaml:3:22: error: environment.yml cannot be read" in capsys.readouterr().out


def test_a_good_file_has_no_finding(matrix: Path, capsys: pytest.CaptureFixture[str]) -> None:
    matrix.with_name("environment.yml").write_text("dependencies:\n  - scipy\n  - cuda-version=12.6\n")
    run(["check", "--offline"])
    run(["check", "--offline"])
    said = capsys.readouterr().out
    assert "there is no lock" in said
    assert "environment.yml" not in said
