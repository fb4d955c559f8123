"""How much the rules weigh in this matrix."""

from datetime import date
from typing import Literal

from pydantic import Field

from builder.matrix.schema.cells import Match
from builder.matrix.schema.names import Reason, Strict, Text


class Adjustment(Strict):
    """Another severity for a rule, or silence, and why. Of several that match, the last wins."""

    id: Text = Field(description="The rule. `python -m builder explain` lists them.")
    match: Match | None = Field(default=None, description="The cells it is for; all, if not given.")
    severity: Literal["error", "warning", "note", "silent"] = Field(
        description="`error` stops a build, `warning` and `note` do not, `silent` says nothing."
    )
    reason: Reason
    until: date | None = Field(default=None, description="From this day on it is reported as expired.")
