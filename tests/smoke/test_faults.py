"""Every planted fault is refused, by what it says in the table."""

import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from builder.model.cell import Level
from builder.model.receipt import Status
from builder.smoke.statement import parse, statement
from builder.smoke.validity import objections, satisfied

from .faults import ALL, POLICIES, RECEIPTS, REPORTS, STATEMENTS
from .faults.fault import Fault, PolicyFault, ReceiptFault, ReportFault, StatementFault
from .samples import NOW, POLICY, PROBE, SUBJECT, messages, receipt, run
from .test_verdict import TEXT, judge


def _id(fault: Fault) -> str:
    return fault.id


def _is_refused(reasons: tuple[str, ...], fault: Fault) -> None:
    assert reasons
    for phrase in fault.refused_by:
        assert any(phrase in reason for reason in reasons), reasons


def test_there_are_many_and_each_has_its_name() -> None:
    assert len(ALL) >= 40
    assert len({(type(fault), fault.id) for fault in ALL}) == len(ALL)
    assert all(fault.planted and fault.refused_by for fault in ALL)


def test_the_page_that_lists_them_is_current() -> None:
    script = Path(__file__).parents[2] / "scripts" / "faults"
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"run scripts/faults --write\n{done.stdout}{done.stderr}"


@pytest.mark.parametrize("fault", REPORTS, ids=_id)
def test_reports(fault: ReportFault) -> None:
    judged = judge(fault(run, messages(TEXT)), fault.allowed)
    assert not judged.passed
    refused = judged.ids(Status.FAILED) + judged.ids(Status.SKIPPED)
    assert set(fault.refused_by) <= set(refused)


@pytest.mark.parametrize("fault", STATEMENTS, ids=_id)
def test_statements(fault: StatementFault) -> None:
    data = json.loads(statement(receipt()))
    fault.spoil(data)
    with pytest.raises(ValueError, match=fault.refused_by[0]):
        parse(json.dumps(data).encode())


@pytest.mark.parametrize("fault", RECEIPTS, ids=_id)
def test_receipts(fault: ReceiptFault) -> None:
    def reasons(**changes: object) -> tuple[str, ...]:
        return objections(
            receipt(**changes),
            subject=SUBJECT,
            probe=PROBE,
            policy=POLICY,
            required=Level.GPU,
            max_age=timedelta(days=90),
            now=NOW,
        )

    assert reasons() == ()
    _is_refused(reasons(**fault.changes), fault)


@pytest.mark.parametrize("fault", POLICIES, ids=_id)
def test_policies(fault: PolicyFault) -> None:
    receipts = fault.receipts(fault.policy.digest, NOW)
    _is_refused(satisfied(fault.policy, receipts, subject=SUBJECT, probe=PROBE, now=NOW), fault)
