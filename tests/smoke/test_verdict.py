"""A receipt passes only if everything that was promised was shown, in this run, once."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from builder.model.cell import Level, Source
from builder.model.probe import ProbeRun
from builder.model.receipt import Receipt, Status
from builder.smoke.probes.frames import frame, frames
from builder.smoke.verdict import COMPLETE, verdict

from .samples import NOW, POLICY, PROBE, SUBJECT, messages, promise, run

TEXT = promise(Level.CPU)


def judge(result: ProbeRun, allowed: dict[str, str] | None = None, text: str = TEXT) -> Receipt:
    return verdict(
        result,
        promise=text,
        subject=SUBJECT,
        probe=PROBE,
        policy=POLICY,
        allowed=allowed or {},
        host={"engine": "28.5.2"},
        when=NOW,
    )


def test_everything_shown_passes_and_names_every_check() -> None:
    receipt = judge(run(messages(TEXT)))
    assert receipt.passed
    assert receipt.level is Level.CPU
    assert len(receipt.checks) == len(messages(TEXT)) - 1
    assert set(receipt.ids(Status.PASSED)) == {check.id for check in receipt.checks}


@given(st.data())
def test_any_missing_result_fails(data: st.DataObject) -> None:
    report = messages(TEXT)
    dropped = report.pop(data.draw(st.integers(1, len(report) - 2)))
    receipt = judge(run(report))
    assert not receipt.passed
    assert dropped["done"] in receipt.ids(Status.FAILED)


@given(st.data())
def test_noise_between_the_frames_changes_nothing(data: st.DataObject) -> None:
    harmless = bytes.maketrans(b"\x1e\n", b"??")
    noise = st.binary(max_size=30).map(lambda content: content.translate(harmless) + b"\r\n")
    stdout = b"".join(data.draw(noise) + frame(message) for message in messages(TEXT)) + data.draw(noise)
    assert judge(run([], stdout=stdout)).passed


@given(st.data())
def test_a_report_that_was_cut_off_fails(data: st.DataObject) -> None:
    whole = run(messages(TEXT)).stdout
    assert not judge(run([], stdout=whole[: data.draw(st.integers(0, len(whole) - 2))])).passed


def test_facts_of_the_probe_do_not_replace_those_of_the_engine() -> None:
    report = messages(TEXT)
    report[1]["facts"] = {"engine": "invented", "kernel": "6.1"}
    assert dict(judge(run(report)).host) == {"engine": "28.5.2", "kernel": "6.1"}


def test_an_image_without_cuda_gets_no_receipt_of_level_gpu() -> None:
    text = promise(Level.GPU, source=Source.CPU, cuda="", components=(), torch="2.13.0")
    assert judge(run(messages(text)), text=text).level is Level.CPU
    text = promise(Level.GPU)
    assert judge(run(messages(text)), text=text).level is Level.GPU


def test_a_skip_needs_a_reason_in_the_policy() -> None:
    report = messages(TEXT)
    report[2]["status"] = "skipped"
    assert not judge(run(report)).passed
    allowed = judge(run(report), {report[2]["done"]: "no such device here"})
    assert allowed.passed
    assert "no such device here" in allowed.checks[2].detail
    assert not judge(run(report), {report[2]["done"]: ""}).passed


def test_an_allowance_does_not_excuse_a_failure() -> None:
    report = messages(TEXT)
    report[2]["status"] = "failed"
    assert not judge(run(report), {report[2]["done"]: "never mind"}).passed


def test_an_earlier_report_in_the_output_does_not_count() -> None:
    other = promise(Level.CPU, python="3.12")
    assert not judge(run(messages(other))).passed
    assert judge(run([*messages(other), *messages(TEXT)])).passed


def _why(**changes: Any) -> str:
    receipt = judge(run([], **changes))
    assert not receipt.passed
    assert receipt.checks[0].id == COMPLETE
    return receipt.checks[0].detail


def test_each_way_of_not_running_is_named() -> None:
    assert "no python3" in _why(exit=127, engine_error='exec: "python3": executable file not found in $PATH')
    assert "no python3" in _why(exit=126)
    assert "could not start" in _why(exit=125, engine_error="docker: no such image")
    assert "memory" in _why(exit=137)
    assert "signal 11" in _why(exit=139)
    assert "by force" in _why(exit=137, timed_out=True)
    assert "without a report: Hello" in _why(exit=0, stdout=b"Hello from the entrypoint")
    assert "exited with 3" in _why(exit=3)


def test_a_crash_after_the_report_still_fails() -> None:
    assert not judge(run(messages(TEXT), exit=139)).passed


@given(st.binary(max_size=300))
def test_any_output_gives_a_verdict(stdout: bytes) -> None:
    assert not judge(run([], stdout=stdout)).passed


@given(st.lists(st.dictionaries(st.text(max_size=5), st.text(max_size=5) | st.integers(), max_size=3)))
def test_frames_come_back(data: list[dict[str, Any]]) -> None:
    assert list(frames(b"noise" + b"".join(frame(message) for message in data))) == data
