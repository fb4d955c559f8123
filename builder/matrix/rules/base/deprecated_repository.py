"""deprecated-repository: a repository that NVIDIA has given up."""

from collections.abc import Iterator

from builder.facts import tags
from builder.matrix.rules.rule import Context, Hit, Rule
from builder.matrix.text.document import Path
from builder.model.cell import Source
from builder.model.finding import Severity


def _check(context: Context) -> Iterator[Hit]:
    for source in Source:
        settings = context.matrix.sources.of(source)
        places: list[tuple[Path, str]] = [(("repository",), settings.repository)]
        places += [(("mirrors", i), mirror) for i, mirror in enumerate(settings.mirrors)]
        for path, repository in places:
            if gone := tags.deprecated(repository):
                yield Hit(
                    f"{repository} is deprecated since {gone.since}",
                    f"Use {repository.removesuffix(gone.repository)}{gone.use}: its tags have all platforms.",
                    context.locate("sources", str(source), *path),
                )


RULE = Rule(
    "deprecated-repository",
    Severity.ERROR,
    "NVIDIA has given the repository up.",
    "`nvidia/cuda-arm64` still answers for old tags, and never gets a new one.",
    "Use `nvidia/cuda`, whose tags have all platforms.",
    _check,
)
