"""app-context-unknown: an app's Dockerfile names an image that is no flavor, or one that its cell lacks."""

from collections.abc import Iterator

from builder.matrix.expansion.apps import FLAVORS, lacking, understood, unknown
from builder.matrix.expansion.stages import Outline
from builder.matrix.rules.rule import Context, Hit, Rule
from builder.matrix.text.mistakes import did_you_mean
from builder.model.app import Sources
from builder.model.finding import Severity
from builder.model.location import Location


def _check(context: Context) -> Iterator[Hit]:
    for name, entry in context.matrix.apps.items():
        sources = context.sources.get(name)
        found = understood(entry, sources) if isinstance(sources, Sources) else None
        if not isinstance(sources, Sources) or not isinstance(found, Outline):
            continue  # app-file-missing says so
        for use in unknown(found):
            yield Hit(
                f"the app {name} is built from `{use.name}`, which is no flavor"
                f"{did_you_mean(use.name, list(FLAVORS))}",
                f"Known: {', '.join(FLAVORS)}. Other images only by digest, and not for the last stage.",
                Location(sources.file, use.line, 1),
            )
        for missing in lacking(entry, found, context.targets):
            yield Hit(
                f"the app {name} is built from `{missing.flavor}`, which is not there beside every image",
                f"Add the flavor `{missing.flavor}`, or give the app a `match` that leaves these images out.",
                context.key("apps", name),
                missing.cells,
            )


RULE = Rule(
    "app-context-unknown",
    Severity.ERROR,
    "An app's Dockerfile names an image that is no flavor, or a flavor that the family lacks at its cell.",
    "BuildKit takes an unknown name for a repository on Docker Hub, and builds on whatever is there today.",
    "Name flavors that the matrix has (`FROM devel`), or give the app a `match`.",
    _check,
    firm=True,
)
