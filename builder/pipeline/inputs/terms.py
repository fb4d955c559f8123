"""What makes a receipt count, as the matrix and this version of the builder have it."""

from dataclasses import dataclass
from datetime import date, timedelta

from builder.bake import staging
from builder.bake.recipe import canonical
from builder.matrix.schema import Smoke
from builder.model.digest import Digest


@dataclass(frozen=True, slots=True)
class Terms:
    """What makes a receipt count today: the probe and the policy, how old it may be, and the day."""

    probe: Digest
    policy: Digest
    max_age: timedelta
    today: date

    @property
    def id(self) -> str:
        """The probe and the policy, as staging's tags have them."""
        return staging.terms(self.probe, self.policy)


def policy_digest(policy: Smoke) -> Digest:
    """What receipts call the rules that judged them."""
    return Digest.of(canonical(policy.model_dump(mode="json")))
