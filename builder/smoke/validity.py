"""When a receipt counts, and when those that count are enough."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from builder.model.cell import Level
from builder.model.digest import Digest
from builder.model.policy import Policy
from builder.model.receipt import Receipt, Status
from builder.smoke.demands import met

CLOCK_SKEW = timedelta(minutes=5)


def objections(
    receipt: Receipt,
    *,
    subject: Digest,
    probe: Digest,
    policy: Digest,
    required: Level,
    max_age: timedelta,
    now: datetime,
) -> tuple[str, ...]:
    """Each reason why this receipt does not count for `subject`; none when it does."""
    age = now - receipt.when
    failed = receipt.ids(Status.FAILED)
    reasons = (
        (receipt.subject != subject, f"it is for {receipt.subject.short}, not for {subject.short}"),
        (receipt.probe != probe, f"another probe wrote it: {receipt.probe.short}, not {probe.short}"),
        (receipt.policy != policy, f"another policy judged it: {receipt.policy.short}, not {policy.short}"),
        (not receipt.checks, "it holds no checks"),
        (not receipt.passed or bool(failed), f"it failed: {', '.join(failed) or 'as a whole'}"),
        (not receipt.level.satisfies(required), f"its level is {receipt.level}, and {required} is required"),
        (-age > CLOCK_SKEW, f"it is from the future: {receipt.when:%Y-%m-%d %H:%M} UTC"),
        (age > max_age, f"it expired: it is {age.days} days old, and {max_age.days} are allowed"),
    )
    return tuple(reason for objects, reason in reasons if objects)


def satisfied(
    policy: Policy, receipts: Sequence[Receipt], *, subject: Digest, probe: Digest, now: datetime
) -> tuple[str, ...]:
    """Each reason why these receipts, of whichever hosts, do not add up to what the policy asks for.

    The demands of the policy are resolved. A receipt that does not count adds nothing.
    """
    return tuple(_unsatisfied(policy, receipts, subject, probe, now))


def _unsatisfied(
    policy: Policy, receipts: Sequence[Receipt], subject: Digest, probe: Digest, now: datetime
) -> Iterator[str]:
    against = {
        number: objections(
            receipt,
            subject=subject,
            probe=probe,
            policy=policy.digest,
            required=policy.level,
            max_age=policy.max_age,
            now=now,
        )
        for number, receipt in enumerate(receipts)
    }
    counting = [receipt for number, receipt in enumerate(receipts) if not against[number]]
    if not receipts:
        yield f"there is no receipt, and one of level {policy.level} is required"
    elif not counting:
        yield from (reason for reasons in against.values() for reason in reasons)
    for demand in policy.demands:
        if not met(demand, counting):
            yield f"not tested on {demand}"
