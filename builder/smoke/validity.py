"""When a receipt counts."""

from datetime import datetime, timedelta

from builder.model.cell import Level
from builder.model.digest import Digest
from builder.model.receipt import Receipt, Status

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
