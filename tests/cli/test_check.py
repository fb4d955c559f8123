"""check, explain and schema, by their flags, codes and files that are kept current."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from builder.cli.app import run
from builder.matrix.rules.catalog import RULES

ROOT = Path(__file__).parents[2]
FAMILY, EXAMPLE = ROOT / "matrix.yaml", ROOT / "examples" / "local" / "matrix.yaml"

# Ten mistakes of ten rules, each in a line of its own.
TEN = """\
release: ghcr.io/acme/cuda
staging: ghcr.io/acme/cuda-staging
sources:
  upstream:
    repository: docker.io/nvidia/cuda-arm64
axes:
  cuda:
    - "13.2.1"
    - "12.7.0"
    - "13.0"
  os:
    - ubuntu24.04
    - ubuntu2204
  torch:
    - "2.14.1"
    - "2.14.9"
exclude:
  - {match: {cuda: "11.*"}, reason: never needed}
  - {match: {torch: "2.14.9", os: ubuntu24.04}}
hosts:
  - azure:Standard_NC6s_v3
rules:
  - {id: os-oel, severity: silent, reason: known}
tags:
  release:
    - "{cuda}-{os}-{torch}-{epoch:%Y%m%d}"
  rolling:
    - "{cuda}-{os}-{flavour}"
"""
EXPECTED = {
    5: "deprecated-repository",
    9: "cuda-never-released",
    10: "floating-tag",
    13: "unknown-value",
    16: "torch-cuda-mismatch",
    18: "dead-exclude",
    19: "exclude-without-reason",
    21: "hosts-unreachable",
    23: "dead-silence",
    28: "tag-invalid",
}

# Mistakes in the family's own matrix: what is replaced by what, the rule that says so, a text of the line.
PLANTED = (
    ("nvcr.io/nvidia/cuda", "nvcr.io/nvidia/cuda-arm64", "deprecated-repository", "cuda-arm64"),
    ('["12.6.3", ', '["12.6.3", "12.7.0", ', "cuda-never-released", "  cuda: ["),
    ('"12.8.1", ', '"12.8.1", "13.0", ', "floating-tag", "  cuda: ["),
    ("[ubuntu22.04, ", "[ubuntu22.04, ubuntu2204, ", "unknown-value", "  os: ["),
    ('torch: "2.14.1"', 'torch: "2.14.9"', "torch-cuda-mismatch", '  torch: "2.14.9"'),
    (
        "    reason: the last torch that is built with CUDA 12.8\n",
        "",
        "exclude-without-reason",
        '{cuda: "12.8.*"}',
    ),
    ('match: {cuda: "12.9.*"}', 'match: {cuda: "12.4.*"}', "dead-exclude", '{cuda: "12.4.*"}'),
    ("[-torch{torch}]-{epoch:%Y%m%d}", "[-torch{torch}]", "tag-mutable-template", "  release: ["),
    ('rolling: ["{cuda}-{flavor}', 'rolling: ["{cuda}-{flavour}', "tag-invalid", "  rolling: ["),
    ("Standard_ND96isr_H100_v5", "Standard_NC6s_v3", "hosts-unreachable", "Standard_NC6s_v3"),
    ("id: cuda-libs-duplicated", "id: cuda-libs-dupl", "dead-silence", "cuda-libs-dupl"),
)


def _write(folder: Path, text: str) -> Path:
    file = folder / "matrix.yaml"
    file.write_text(text)
    return file


def test_ten_mistakes_are_reported_with_their_lines(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["check", "--offline", "--format", "json", "-f", str(_write(tmp_path, TEN))]) == 1
    errors = [f for f in json.loads(capsys.readouterr().out) if f["severity"] == "error"]
    assert {finding["where"]["line"]: finding["rule"] for finding in errors} == EXPECTED


def test_mistakes_in_a_copy_of_the_family_are_all_reported_with_their_lines(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = FAMILY.read_text()
    for old, new, _, _ in PLANTED:
        assert old in text
        text = text.replace(old, new, 1)
    assert run(["check", "--offline", "--format", "json", "-f", str(_write(tmp_path, text))]) == 1
    errors = [f for f in json.loads(capsys.readouterr().out) if f["severity"] == "error"]
    lines = text.splitlines()
    expected = {
        (rule, next(i for i, line in enumerate(lines, 1) if mark in line)) for *_, rule, mark in PLANTED
    }
    assert len(expected) >= 10
    assert {(finding["rule"], finding["where"]["line"]) for finding in errors} == expected


def test_the_family_has_no_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", "--offline", "--format", "json", "-f", str(FAMILY)]) == 0
    found = json.loads(capsys.readouterr().out)
    assert {f["severity"] for f in found} <= {"warning", "note"}
    assert {f["rule"] for f in found} <= {
        "base-eol",
        "base-deletion-forecast",
        "cuda-libs-duplicated",
        "lock-stale",
    }


def test_the_example_has_no_error() -> None:
    assert run(["check", "--offline", "-f", str(EXAMPLE)]) == 0


@pytest.mark.parametrize("output", ["text", "json", "github", "sarif"])
def test_every_format_names_the_rule_and_the_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], output: str
) -> None:
    assert run(["check", "--offline", "--format", output, "-f", str(_write(tmp_path, TEN))]) == 1
    text = capsys.readouterr().out
    assert "deprecated-repository" in text
    assert {"text": ":5:", "json": '"line": 5', "github": "line=5", "sarif": '"startLine": 5'}[output] in text


def test_a_text_that_is_no_matrix_ends_with_2_in_every_format(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = _write(tmp_path, "axis: {}\n")
    assert run(["check", "--offline", "--format", "github", "-f", str(file)]) == 2
    assert "did you mean `axes`?" in capsys.readouterr().out


def test_warnings_alone_end_with_0(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = (
        "release: x.io/a\nstaging: x.io/b\ninclude: [{cuda: cpu, os: debian12}]\n"
        'tags: {release: "{cuda}-{epoch:%Y%m%d}"}\n'
    )
    assert run(["check", "--offline", "-f", str(_write(tmp_path, text))]) == 0
    assert "2 warnings" in capsys.readouterr().out


def test_explains_every_rule(capsys: pytest.CaptureFixture[str]) -> None:
    for rule in RULES:
        assert run(["explain", rule.id]) == 0
        text = capsys.readouterr().out
        assert all(part in text for part in (rule.id, str(rule.severity), rule.what, rule.why, rule.fix))
        assert ("cannot be lowered" in text) is rule.firm


def test_lists_all_rules(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == len(RULES) + 1
    assert run(["explain", "--format", "json"]) == 0
    assert [rule["id"] for rule in json.loads(capsys.readouterr().out)] == [rule.id for rule in RULES]


def test_a_rule_that_there_is_not(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", "os-oel"]) == 3
    assert "Did you mean `os-eol`?" in capsys.readouterr().err


def test_the_page_of_rules_is_current(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", "--format", "markdown"]) == 0
    assert (ROOT / "docs" / "rules.md").read_text() == capsys.readouterr().out, (
        "run `python -m builder explain --format markdown > docs/rules.md`"
    )


def test_the_json_schema_is_current(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["schema"]) == 0
    assert (ROOT / "builder" / "matrix" / "schema.json").read_text() == capsys.readouterr().out, (
        "run `python -m builder schema > builder/matrix/schema.json`"
    )


def _check_jsonschema(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "check_jsonschema", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


def test_check_jsonschema_accepts_the_matrices_and_the_schema() -> None:
    schema = ROOT / "builder" / "matrix" / "schema.json"
    done = _check_jsonschema("--schemafile", schema, FAMILY, EXAMPLE)
    assert done.returncode == 0, done.stdout
    done = _check_jsonschema("--check-metaschema", schema)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("axes:", "axis:"),
        ('"12.6.3"', "12.6"),
        ("[base, runtime", "[bas, runtime"),
        ("platform: [linux/amd64, linux/arm64]", "platform: []"),
        ("    reason: the last torch", "    because: the last torch"),
        ("severity: note", "severity: quiet"),
        ("id: cuda-libs-duplicated", "id: cuda-libs-dupl"),
        ("{linux/amd64: gpu,", "{linux/amd64: tpu,"),
        ('{gpu: V100, driver: "535.161.08"', "{gpu: V100, driver: newest"),
        ('torch: "2.14.1"', "torch:"),
    ],
)
def test_check_jsonschema_refuses_what_we_refuse(tmp_path: Path, old: str, new: str) -> None:
    text = FAMILY.read_text()
    assert old in text
    file = _write(tmp_path, text.replace(old, new, 1))
    assert run(["check", "--offline", "-f", str(file)]) in (1, 2)
    assert (
        _check_jsonschema("--schemafile", ROOT / "builder" / "matrix" / "schema.json", file).returncode == 1
    )
