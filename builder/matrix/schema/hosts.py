"""The machines on which the images have to run."""

from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, GetJsonSchemaHandler, model_validator
from pydantic_core import CoreSchema

from builder.matrix.schema.cells import Match
from builder.matrix.schema.names import PlatformName, Strict, Text


class HostEntry(Strict):
    """A machine: a cloud's size, or a GPU with its driver. `check` proves that the images run there."""

    size: Text | None = Field(
        default=None,
        description="A cloud's size, GPU and driver included.",
        examples=["azure:Standard_NC24ads_A100_v4"],
    )
    gpu: Text | None = Field(
        default=None, description="A GPU by name or compute capability.", examples=["L4", "sm_86"]
    )
    driver: Annotated[str, Field(pattern=r"^[0-9]+(\.[0-9]+)*$")] | None = Field(
        default=None,
        description="The version of its driver; with `size`, another than the cloud's own.",
        examples=["550.90.07"],
    )
    platform: PlatformName | None = Field(
        default=None, description="Its platform, where the GPU exists for several; linux/amd64 if not given."
    )
    match: Match | None = Field(
        default=None, description="The cells that have to run there; all, if not given."
    )

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.size is None) == (self.gpu is None):
            raise ValueError("a host is either a `size` of a cloud or a `gpu`")
        return self


class _Short:
    """Lets a plain text stand for `{size: text}`, in the JSON Schema too."""

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        text = {"type": "string", "minLength": 1, "examples": ["azure:Standard_NC24ads_A100_v4"]}
        return {"anyOf": [text, handler(schema)]}


Host = Annotated[
    HostEntry,
    BeforeValidator(lambda value: {"size": value} if isinstance(value, str) else value),
    _Short(),
]
