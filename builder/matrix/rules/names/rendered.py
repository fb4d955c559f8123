"""The tags that the templates come to, for rules that look at them."""

from collections.abc import Iterator
from datetime import date

from builder.matrix.rules.rule import Context
from builder.matrix.tags import Template, shared_values
from builder.model.cell import Target


def rendered(context: Context) -> Iterator[tuple[Target, str, int, str]]:
    """Each target's tags: the target, `release` or `rolling`, the template's position, the tag.

    The date is the lock's epoch. Templates that other rules refuse are left out.
    """
    epoch = context.lock.epoch if context.lock else date(2000, 1, 1)
    values = [(target, shared_values(target)) for target in context.targets]
    for part in ("release", "rolling"):
        for i, text in enumerate(getattr(context.matrix.tags, part)):
            try:
                template = Template.parse(text)
            except ValueError:
                continue
            for target, shared in values:
                if template.fields <= {*shared, "epoch"}:
                    yield target, part, i, template.render(shared, epoch)
