"""base-without-platform: a base that the registry has, but not for a platform of its cells."""

from collections.abc import Iterator

from builder.matrix.rules.registry.answers import answered
from builder.matrix.rules.rule import Context, Hit, Rule, group
from builder.model.finding import Severity


def _check(context: Context) -> Iterator[Hit]:
    for _, base, cells, answers in answered(context):
        if (found := answers.first) is None:
            continue
        for platform, lacking in group(cells, lambda cell: cell.platform).items():
            if platform not in found.platforms:
                yield Hit(
                    f"{base.name} has no {platform}, only {', '.join(map(str, sorted(found.platforms)))}",
                    "Exclude the platform with a reason, or choose another `os` or `cuda`.",
                    context.place(lacking[0], "platform"),
                    lacking,
                )


RULE = Rule(
    "base-without-platform",
    Severity.ERROR,
    "The registry has the base, but not for this platform.",
    "A tag may lose a platform when it is pushed anew; the build fails there, or runs another's code.",
    "Exclude the platform with a reason, or choose another operating system or CUDA.",
    _check,
    online=True,
)
