"""app-file-missing: an app without a build context, or without a Dockerfile that can be read."""

from collections.abc import Iterator

from builder.matrix.expansion.apps import Unreadable, understood
from builder.matrix.rules.rule import Context, Hit, Rule
from builder.model.finding import Severity
from builder.model.location import Location

_FIX = "Correct `context` and `dockerfile`; both are seen from the matrix."


def _check(context: Context) -> Iterator[Hit]:
    for name, entry in context.matrix.apps.items():
        sources = context.sources.get(name) or Unreadable("nobody read it", entry.context)
        if isinstance(sources, Unreadable):
            what = f"the app {name}: {sources.where}: {sources.why}"
            yield Hit(what, _FIX, context.locate("apps", name, "context"))
        elif isinstance(why := understood(entry, sources), str):
            what = f"the app {name} has a Dockerfile that cannot be read: {why}"
            yield Hit(what, "Name images by flavors, as `FROM devel`.", Location(sources.file, 1, 1))


RULE = Rule(
    "app-file-missing",
    Severity.ERROR,
    "An app's build context or its Dockerfile is not there or cannot be read.",
    "Nothing can be built of it, and a release without it would be half a release.",
    _FIX,
    _check,
    firm=True,
)
