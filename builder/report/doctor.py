"""What the doctor says, as text and JSON."""

import json
from collections.abc import Sequence

from builder.doctor.check import sound
from builder.doctor.observation import Job, Observation, State

_MARKS = {State.OK: "ok", State.NOTE: "note", State.BROKEN: "BROKEN"}


def text(observations: Sequence[Observation], jobs: frozenset[Job]) -> str:
    """A line for each thing, the command that mends it below, and what that means for the jobs."""
    wide = max((len(observation.part) for observation in observations), default=0)
    lines = []
    for one in observations:
        mark = _MARKS[one.state] if one.state is not State.BROKEN or one.stops(jobs) else "missing"
        lines.append(f"{one.part:{wide}}  {mark:7}  {one.what}")
        if one.fix:
            lines.append(f"{'':{wide}}  {'':7}  fix: {one.fix}")
    return "\n".join([*lines, "", _conclusion(observations, jobs)])


def as_json(observations: Sequence[Observation], jobs: frozenset[Job]) -> str:
    """A JSON object: the jobs that were asked for, whether they can be done, and everything that was seen."""
    data = {
        "jobs": {str(job): sound(observations, frozenset((job,))) for job in Job if job in jobs},
        "observations": [
            {
                "part": str(one.part),
                "state": str(one.state),
                "what": one.what,
                "fix": one.fix or None,
                "jobs": sorted(str(job) for job in one.jobs),
            }
            for one in observations
        ],
    }
    return json.dumps(data, indent=2)


def _conclusion(observations: Sequence[Observation], jobs: frozenset[Job]) -> str:
    can = [str(job) for job in Job if job in jobs and sound(observations, frozenset((job,)))]
    cannot = [str(job) for job in Job if job in jobs and str(job) not in can]
    said = [f"ready: {', '.join(can)}"] if can else []
    return "; ".join([*said, f"not ready: {', '.join(cannot)}"] if cannot else said)
