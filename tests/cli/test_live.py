"""What a run prints of its builds, in a log and in that of a GitHub job."""

import re
from dataclasses import replace

import pytest

from builder.cli.live import listener
from builder.cli.options import ProgressMode
from builder.cli.screens import terminal
from builder.model.digest import Digest
from builder.model.outcome import BuildOutcome, BuildStep, Built, Cause, Failed, Skipped
from builder.model.progress import Outlook, Progress
from builder.pipeline.staging.build import Baked
from builder.pipeline.staging.plan import Step
from tests.bake.samples import all_builds

STEPS = (BuildStep("FROM base", 0.0, cached=True), BuildStep("RUN make ::group::x", 12.34))
BUILT = Built(Digest.of(b"image"), 15.0, steps=STEPS)
FAILED = Failed(Cause.STEP, "RUN make", ("100 % wrong", "error: no input"), "python -m builder bake one")


def said(capsys: pytest.CaptureFixture[str], mode: ProgressMode, *outcomes: BuildOutcome) -> list[str]:
    """The lines of a run whose builds end so."""
    step = Step(replace(next(iter(all_builds().values())), name="one"), None, why=("epoch moved",))
    with listener(mode) as shown:
        shown.outlook(Outlook(0, len(outcomes), 300))
        for number, outcome in enumerate(outcomes, 1):
            shown.baked(Baked(step, outcome))
            shown.outlook(Outlook(number, len(outcomes), 60))
    return capsys.readouterr().out.splitlines()


def test_a_log_has_a_line_for_what_ended_and_what_is_left(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    assert said(capsys, ProgressMode.PLAIN, BUILT, FAILED) == [
        "0 of 2 builds done, some 5 min left",
        f"one: built {BUILT.digest.short} in 15 s because epoch moved",
        "1 of 2 builds done, some 60 s left",
        "one: failed: a step failed: RUN make",
        "  | 100 % wrong",
        "  | error: no input",
        "  again: python -m builder bake one",
    ]


def test_a_github_job_has_groups_for_what_went_well_and_errors_outside_of_them(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    lines = said(capsys, ProgressMode.AUTO, BUILT, FAILED, Skipped("its parent failed"))
    assert lines[1:5] == [
        f"::group::one: built {BUILT.digest.short} in 15 s because epoch moved",
        "   cached  FROM base",
        "   12.3 s  RUN make ::group::x",
        "::endgroup::",
    ]
    opened = 0
    for line in lines:
        opened += line.startswith("::group::") - line.startswith("::endgroup::")
        assert opened in (0, 1)
        assert not (opened and "failed" in line)
    assert opened == 0
    (error,) = [line for line in lines if line.startswith("::error")]
    assert error == (
        "::error title=one::failed: a step failed: RUN make%0A  | 100 %25 wrong%0A  | error: no input"
        "%0A  again: python -m builder bake one"
    )
    assert "  | error: no input" in lines
    assert lines[-1] == "one: skipped: its parent failed"


@pytest.mark.parametrize("actions", ["true", ""])
def test_quiet_has_failures_alone(
    actions: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", actions)
    lines = said(capsys, ProgressMode.QUIET, BUILT, FAILED, Skipped("its parent failed"))
    assert lines[0] == "one: failed: a step failed: RUN make"
    assert [line for line in lines if line.startswith("::")] == lines[4:]
    assert len(lines) == (5 if actions else 4)


def test_a_bar_shows_a_steps_name_as_it_is(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"FORCE_COLOR": "1", "TERM": "xterm", "COLUMNS": "120"}.items():
        monkeypatch.setenv(name, value)
    step = "[linux/amd64 cuda 2/2] RUN bash [/bold]"
    with terminal() as screen:
        screen.progress(Progress("one [red]", 1, 2, 0, 0, step, 300))
    (line,) = {line for line in plain(capsys.readouterr().out) if "RUN" in line}
    assert line.startswith("one [red] ")
    assert f" 1/2 0:00:00 5 min left {step}" in line


def plain(shown: str) -> list[str]:
    """The lines of a terminal without its codes."""
    return [
        line.rstrip() for line in re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown).replace("\r", "\n").split("\n")
    ]
