"""Names of what is published."""

from pydantic import Field

from builder.matrix.schema.names import Strict, Texts


class Tags(Strict):
    """Names of what is published, as templates: axes and `epoch` in braces.

    A part in brackets is left out where one of its values is empty: `[-torch{torch}]`.
    """

    release: Texts = Field(
        min_length=1,
        description="Immutable tags; they must name the epoch: `{cuda}-{flavor}-{os}-{epoch:%Y%m%d}`.",
    )
    rolling: Texts = Field(default=(), description="Tags that move to the newest release.")
