"""What the matrix asks of the smoke test of a cell."""

from collections.abc import Iterable
from datetime import timedelta

from builder.matrix.match import matches
from builder.matrix.schema import Smoke
from builder.matrix.schema import smoke as schema
from builder.model.cell import Cell
from builder.model.policy import Allowance, Demand, Policy, Profile


def policy_of(smoke: Smoke, cell: Cell) -> Policy:
    """The policy for a cell: that of the family, changed by each of its own policies that matches, in order.

    A cell without CUDA asks for no GPU.
    """
    profile, gpus, allowed = smoke.profile, smoke.gpus, smoke.allow
    values = cell.values()
    for own in smoke.policies:
        if matches(own.match.given(), values):
            profile = own.profile or profile
            gpus = gpus if own.gpus is None else own.gpus
            allowed += own.allow
    return Policy(
        level=cell.require,
        profile=Profile(profile),
        demands=tuple(_demand(gpu) for gpu in gpus) if cell.cuda else (),
        allowed=_allowed(allowed),
        max_age=timedelta(days=smoke.max_age),
    )


def _demand(gpu: schema.SeenGpu) -> Demand:
    return Demand(gpu=gpu.name or "", capability=gpu.cc or "", driver=gpu.driver or "")


def _allowed(allowances: Iterable[schema.Allowance]) -> tuple[Allowance, ...]:
    """Each check once; the last reason counts."""
    reasons = {allowance.check: allowance.reason for allowance in allowances}
    return tuple(Allowance(check, reason) for check, reason in sorted(reasons.items()))
