"""The tag that is never released."""

from collections.abc import Iterable

from builder.model.errors import BuilderError, ExitCode


def refuse_latest(tags: Iterable[str]) -> None:
    """Stop a release that would say `latest`: no rule of a matrix and no word of a command gets past this.

    Raises:
        BuilderError: (40) when one of the tags is `latest`.
    """
    if "latest" in tags:
        raise BuilderError(
            ExitCode.REFUSED, "`latest` is never released", fix="Name the image by what it is."
        )
