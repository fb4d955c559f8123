"""The words and lists that the parts of a matrix are made of."""

from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    WithJsonSchema,
)
from pydantic_core import CoreSchema, core_schema

from builder.model.platform import Platform
from builder.model.reference import Repository
from builder.model.size import PATTERN as SIZE

AXES = ("source", "cuda", "flavor", "os", "platform", "torch", "python", "env")
# What cells are matched by: their axes, and the app that one is.
TERMS = (*AXES, "app")

FLAVORS = ("base", "runtime", "cudnn-runtime", "devel", "cudnn-devel")
# The first two are what people type; the others are how NVIDIA spelled the flavors of some CUDA versions.
_OTHER_NAMES = {
    "runtime-cudnn": "cudnn-runtime",
    "devel-cudnn": "cudnn-devel",
    **{
        f"cudnn{major}-{flavor}": f"cudnn-{flavor}" for major in ("8", "9") for flavor in ("runtime", "devel")
    },
}


class Strict(BaseModel):
    """No unknown keys, no silent conversions, no changes."""

    # A part of a matrix is only ever read within the whole, so that no part needs a validator of its own.
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, defer_build=True)


class OneOrMany:
    """Marks a tuple that may be written as a list, or without brackets as its only item."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(_listed, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        array = handler(schema)
        return {"anyOf": [array["items"], array]}


class Many:
    """Marks a tuple that is written as a list."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(_plain, handler(source))


def _unique(values: tuple[str, ...]) -> tuple[str, ...]:
    doubled = [value for i, value in enumerate(values) if value in values[:i]]
    if doubled:
        raise ValueError(f"`{doubled[0]}` stands twice in one list")
    return values


def _listed(value: Any) -> Any:
    return tuple(value) if isinstance(value, list | tuple) else (value,)


def _plain(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _repository(text: str) -> str:
    Repository.parse(text)
    return text


def _platform(text: str) -> str:
    return str(Platform.parse(text))


def _flavor(text: Any) -> Any:
    return _OTHER_NAMES.get(text, text) if isinstance(text, str) else text


RepositoryName = Annotated[str, AfterValidator(_repository), Field(examples=["ghcr.io/acme/cuda"])]
PlatformName = Annotated[str, AfterValidator(_platform), Field(examples=["linux/amd64", "linux/arm64"])]
SourceName = Literal["upstream", "wheels", "ngc-pytorch", "cpu"]
EnvName = Literal["pip", "uv", "conda"]
FlavorName = Annotated[
    Literal["base", "runtime", "cudnn-runtime", "devel", "cudnn-devel"],
    BeforeValidator(_flavor),
    WithJsonSchema({"enum": [*FLAVORS, "runtime-cudnn", "devel-cudnn"]}),
]
Word = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._+-]*$", max_length=64)]
Size = Annotated[str, Field(pattern=SIZE, examples=["300 MB", "3.5 GB"])]
Text = Annotated[str, Field(min_length=1)]
Reason = Annotated[
    str, Field(min_length=1, description="Why, for the next reader. It is shown where this takes effect.")
]

_Set = AfterValidator(_unique)
_Unique = Field(json_schema_extra={"uniqueItems": True})
Values = Annotated[tuple[Word, ...], Field(min_length=1), _Set, _Unique, OneOrMany()]
Texts = Annotated[tuple[Text, ...], _Set, OneOrMany()]
SourceNames = Annotated[tuple[SourceName, ...], Field(min_length=1), _Set, OneOrMany()]
EnvNames = Annotated[tuple[EnvName, ...], Field(min_length=1), _Set, OneOrMany()]
Flavors = Annotated[tuple[FlavorName, ...], Field(min_length=1), _Set, OneOrMany()]
Platforms = Annotated[tuple[PlatformName, ...], Field(min_length=1), _Set, OneOrMany()]
Repositories = Annotated[tuple[RepositoryName, ...], _Set, OneOrMany()]
