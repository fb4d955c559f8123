"""Users' own programs, built over the family."""

from typing import Annotated

from pydantic import AfterValidator, Field

from builder.matrix.schema.cells import Match
from builder.matrix.schema.names import OneOrMany, Size, Strict, Text
from builder.matrix.schema.tags import Tags


def _inside(path: str) -> str:
    if path.startswith("/") or ".." in path.split("/"):
        raise ValueError(f"`{path}` leads out of the app's context")
    return path


AppName = Annotated[str, Field(pattern=r"^[a-z0-9]+([._-][a-z0-9]+)*$", max_length=40)]
Command = Annotated[tuple[Text, ...], Field(min_length=1), OneOrMany()]
Argument = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]


class App(Strict):
    """A program of your own: its Dockerfile names images of the family by their flavors, as `FROM devel`.

    It is built at every point of the matrix that `match` leaves, on that point's own flavors.
    """

    context: Text = Field(
        description="The folder that it is built from, as seen from the matrix. `.dockerignore` counts."
    )
    dockerfile: Annotated[Text, AfterValidator(_inside)] = Field(
        default="Dockerfile", description="Its Dockerfile, as seen from `context`."
    )
    args: dict[Argument, str] = Field(default_factory=dict, description="Build arguments.")
    match: Match | None = Field(
        default=None, description="The points of the matrix that it is built at; all, if not given."
    )
    test: Command = Field(
        description=(
            "A command, without a shell, that runs in the image as part of its smoke test: without network, "
            "with /tmp as its only writable folder and any user. SMOKE_LEVEL is `gpu` or `cpu`."
        )
    )
    seconds: Annotated[int, Field(ge=1, le=300)] = Field(
        default=60, description="What the test may take; ten times that under emulation."
    )
    budget: Size | None = Field(
        default=None, description="The most that its image may weigh: what a pull of one platform downloads."
    )
    tags: Tags
