"""Flags that several commands share."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from builder.release.signing.sign import Signer


class Format(StrEnum):
    """How a command reports."""

    TEXT = "text"
    JSON = "json"


class ProgressMode(StrEnum):
    """How a run is shown: `auto` has bars on a terminal, and is `plain` elsewhere."""

    AUTO = "auto"
    PLAIN = "plain"
    JSON = "json"
    QUIET = "quiet"


File = Annotated[Path, typer.Option("--file", "-f", help="The matrix.", show_default="matrix.yaml")]
MATRIX = Path("matrix.yaml")
Selectors = Annotated[
    list[str] | None,
    typer.Argument(metavar="[SELECTOR]...", help="AXIS=PATTERN (cuda=13.0.*), or a glob on target names."),
]
FormatOption = Annotated[Format, typer.Option("--format", help="How to report.")]
ProgressOption = Annotated[
    ProgressMode, typer.Option("--progress", help="Show bars, lines, JSON lines, or only what failed.")
]
ShardOption = Annotated[
    str | None,
    typer.Option("--shard", metavar="I/N", help="Do only part I of N that cost much the same."),
]
PlatformOption = Annotated[
    list[str] | None,
    typer.Option("--platform", help="Only this platform; may be repeated.", metavar="PLATFORM"),
]

_LABELS = "PLATFORM=LABEL[,LABEL]"
RunnerOption = Annotated[
    list[str] | None, typer.Option("--runner", metavar=_LABELS, help="Labels of the runners that build.")
]
GpuRunnerOption = Annotated[
    list[str] | None, typer.Option("--gpu-runner", metavar=_LABELS, help="Labels of those that have a GPU.")
]


def selection(words: list[str] | None, platforms: list[str] | None = None) -> list[str]:
    """The selectors with the platforms among them."""
    return [*(words or []), *([f"platform={','.join(platforms)}"] if platforms else [])]


SignOption = Annotated[
    str | None,
    typer.Option(metavar="KEY", help="Sign with cosign: a key file, a KMS URI, or `keyless` (in CI)."),
]


def signer(text: str | None) -> "Signer | None":
    """Who signs, by what --sign says; COSIGN_PASSWORD opens a key file."""
    if text is None:
        return None
    from builder.release.signing.sign import Signer

    if text == "keyless":
        return Signer()
    if "://" not in text and not Path(text).is_file():
        raise typer.BadParameter(f"--sign: there is no key file {text}")
    return Signer(text)
