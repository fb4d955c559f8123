"""Findings in each format; SARIF by the parts of its schema that a log of ours has."""

import json
from typing import Any

import jsonschema
import pytest

from builder.matrix.rules.catalog import RULES
from builder.model.finding import Finding, Severity
from builder.model.location import Location
from builder.report.findings import FORMATTERS, summary

PLACE = Location("matrix.yaml", 3, 7)
FINDINGS = (
    Finding("os-eol", Severity.WARNING, "old, 100%: gone", "Move on.", PLACE, ("a", "b", "c", "d", "e")),
    Finding("schema", Severity.ERROR, "line one\nline two", "Mend it.", Location("my matrix, 2.yaml", 1, 1)),
    Finding("platforms-differ", Severity.NOTE, "they differ", "Nothing to do."),
)

_TEXT = {"type": "object", "required": ["text"], "properties": {"text": {"type": "string", "minLength": 1}}}
_LEVEL = {"enum": ["none", "note", "warning", "error"]}
# From the OASIS standard SARIF 2.1.0 (2020-03-27): sections 3.13 log, 3.14 run, 3.18 tool, 3.19 component,
# 3.27 result, 3.29 physical location, 3.30 region, 3.49 rule, 3.50 configuration; less what ours leaves out.
SARIF = {
    "type": "object",
    "required": ["version", "runs"],
    "additionalProperties": False,
    "properties": {
        "$schema": {"type": "string", "format": "uri"},
        "version": {"const": "2.1.0"},
        "runs": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["tool"],
                "additionalProperties": False,
                "properties": {
                    "tool": {
                        "type": "object",
                        "required": ["driver"],
                        "additionalProperties": False,
                        "properties": {
                            "driver": {
                                "type": "object",
                                "required": ["name"],
                                "additionalProperties": False,
                                "properties": {
                                    "name": {"type": "string"},
                                    "semanticVersion": {"type": "string"},
                                    "rules": {
                                        "type": "array",
                                        "uniqueItems": True,
                                        "items": {
                                            "type": "object",
                                            "required": ["id"],
                                            "additionalProperties": False,
                                            "properties": {
                                                "id": {"type": "string"},
                                                "shortDescription": _TEXT,
                                                "fullDescription": _TEXT,
                                                "help": _TEXT,
                                                "defaultConfiguration": {
                                                    "type": "object",
                                                    "additionalProperties": False,
                                                    "properties": {"level": _LEVEL},
                                                },
                                            },
                                        },
                                    },
                                },
                            }
                        },
                    },
                    "results": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "required": ["message"],
                            "additionalProperties": False,
                            "properties": {
                                "ruleId": {"type": "string"},
                                "ruleIndex": {"type": "integer", "minimum": -1},
                                "level": _LEVEL,
                                "message": _TEXT,
                                "locations": {
                                    "type": "array",
                                    "items": {
                                        "type": "object",
                                        "additionalProperties": False,
                                        "properties": {
                                            "physicalLocation": {
                                                "type": "object",
                                                "required": ["artifactLocation"],
                                                "additionalProperties": False,
                                                "properties": {
                                                    "artifactLocation": {
                                                        "type": "object",
                                                        "additionalProperties": False,
                                                        "properties": {
                                                            "uri": {
                                                                "type": "string",
                                                                "format": "uri-reference",
                                                            }
                                                        },
                                                    },
                                                    "region": {
                                                        "type": "object",
                                                        "additionalProperties": False,
                                                        "properties": {
                                                            "startLine": {"type": "integer", "minimum": 1},
                                                            "startColumn": {"type": "integer", "minimum": 1},
                                                        },
                                                    },
                                                },
                                            }
                                        },
                                    },
                                },
                            },
                        },
                    },
                },
            },
        },
    },
}


def _sarif(findings: tuple[Finding, ...]) -> dict[str, Any]:
    log: dict[str, Any] = json.loads(FORMATTERS["sarif"](findings))
    jsonschema.validate(log, SARIF, cls=jsonschema.Draft7Validator)
    return log


def test_a_sarif_log_is_by_its_standard() -> None:
    (run,) = _sarif(FINDINGS)["runs"]
    rules = run["tool"]["driver"]["rules"]
    for finding, result in zip(FINDINGS, run["results"], strict=True):
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"] == finding.rule
        assert result["level"] == finding.severity
        assert finding.fix in result["message"]["text"]


def test_every_rule_can_be_in_a_sarif_log() -> None:
    log = _sarif(tuple(Finding(rule.id, rule.severity, "x", "y", PLACE) for rule in RULES))
    driver = log["runs"][0]["tool"]["driver"]
    assert [rule["id"] for rule in driver["rules"]] == [rule.id for rule in RULES]
    assert all(rule["help"]["text"] for rule in driver["rules"])


def test_no_finding_is_a_log_too() -> None:
    assert _sarif(())["runs"][0]["results"] == []


@pytest.mark.parametrize("wrong", [{"level": "fatal"}, {"message": "text"}, {"line": 1}])
def test_the_schema_refuses_what_is_no_sarif(wrong: dict[str, Any]) -> None:
    log = _sarif(FINDINGS)
    log["runs"][0]["results"][0].update(wrong)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(log, SARIF)


@pytest.mark.parametrize(
    ("file", "uri"),
    [
        ("matrix.yaml", "matrix.yaml"),
        ("my matrix.yaml", "my%20matrix.yaml"),
        ("/a/b.yaml", "file:///a/b.yaml"),
    ],
)
def test_places_in_sarif_are_references(file: str, uri: str) -> None:
    log = _sarif((Finding("os-eol", Severity.NOTE, "x", "y", Location(file, 1, 1)),))
    place = log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == uri


def test_github_annotations_are_escaped_and_on_one_line_each() -> None:
    assert FORMATTERS["github"](FINDINGS).splitlines() == [
        "::warning file=matrix.yaml,line=3,col=7,title=os-eol::old, 100%25: gone. Move on.",
        "::error file=my matrix%2C 2.yaml,line=1,col=1,title=schema::line one%0Aline two. Mend it.",
        "::notice title=platforms-differ::they differ. Nothing to do.",
    ]


def test_text_names_rule_place_subjects_and_remedy() -> None:
    first = FORMATTERS["text"](FINDINGS[:1])
    assert first.splitlines() == [
        "matrix.yaml:3:7: warning: old, 100%: gone [os-eol]",
        "    about: a, b, c, d and 1 more",
        "    fix: Move on.",
        "1 warning",
    ]


def test_json_has_everything() -> None:
    (data, *_) = json.loads(FORMATTERS["json"](FINDINGS))
    assert data == {
        "rule": "os-eol",
        "severity": "warning",
        "message": "old, 100%: gone",
        "fix": "Move on.",
        "where": {"file": "matrix.yaml", "line": 3, "column": 7},
        "subjects": ["a", "b", "c", "d", "e"],
    }


def test_the_sum() -> None:
    assert summary(FINDINGS) == "1 error, 1 warning, 1 note"
    assert summary(FINDINGS[:1] * 2) == "2 warnings"
    assert summary(()) == "nothing to report"
