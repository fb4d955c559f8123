"""Every rule on registries finds its planted fault at its line, nothing else, and is silent otherwise."""

from dataclasses import replace

import pytest

from builder.matrix.expansion.expand import expand
from builder.matrix.rules.catalog import RULES, judge_survey
from builder.matrix.rules.rule import Context
from builder.matrix.survey import Survey
from builder.model.finding import Finding, Severity
from tests.matrix.rules.registries import MATRIX, PLANTED, Planted, as_locked
from tests.matrix.samples import TODAY, findings, lock_for, parsed

ONLINE = {rule.id: rule.severity for rule in RULES if rule.online}


def context(text: str = MATRIX) -> Context:
    loaded = parsed(text.encode())
    expansion = expand(loaded)
    lock = lock_for(loaded, expansion)
    return Context(loaded, expansion, lock, TODAY, survey=as_locked(lock))


def said(planted: Planted, text: str = MATRIX) -> tuple[Finding, ...]:
    clean = context(text)
    assert clean.survey
    return judge_survey(replace(clean, survey=planted.plant(clean.survey)))


@pytest.mark.parametrize("planted", PLANTED, ids=lambda planted: f"{planted.rule}: {planted.said[:30]}")
def test_finds_the_planted_fault_and_nothing_else(planted: Planted) -> None:
    found = said(planted)
    assert {finding.rule for finding in found} == {planted.rule}
    (hit,) = (finding for finding in found if planted.said in finding.message)
    assert hit.severity is (Severity(planted.severity) if planted.severity else ONLINE[planted.rule])
    assert hit.where is not None
    assert hit.where.line == planted.line
    assert planted.fix in hit.fix
    assert hit.fix
    assert sum(2 - name.count(" (") for name in hit.subjects) == planted.cells


def test_every_rule_has_a_planted_fault() -> None:
    assert {planted.rule for planted in PLANTED} == ONLINE.keys()


def test_is_silent_on_registries_that_have_everything() -> None:
    assert judge_survey(context()) == ()


def test_is_silent_where_no_registry_was_asked() -> None:
    assert judge_survey(replace(context(), survey=None)) == ()
    assert judge_survey(replace(context(), survey=Survey())) == ()


def test_a_base_that_was_never_locked_has_not_moved() -> None:
    clean = context()
    assert judge_survey(replace(clean, lock=None)) == ()


@pytest.mark.parametrize("planted", PLANTED, ids=lambda planted: f"{planted.rule}: {planted.said[:30]}")
def test_the_matrix_can_silence_it_and_no_calm_day_makes_that_a_mistake(planted: Planted) -> None:
    silenced = f"{MATRIX}rules:\n  - {{id: {planted.rule}, severity: silent, reason: known}}\n"
    assert said(planted, silenced) == ()
    assert not [finding for finding in findings(parsed(silenced.encode())) if finding.rule == "dead-silence"]
