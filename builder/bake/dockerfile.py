"""Renders a cell's Dockerfile from the templates in dockerfiles/."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError, TemplateSyntaxError

from builder.bake.guard import CUDA_PACKAGES, constraints
from builder.bake.packages import packages
from builder.facts import cuda, systems
from builder.matrix.lock import LockedWheel
from builder.model.cell import Cell, Source
from builder.model.errors import BuilderError, ExitCode
from builder.model.location import Location

SKELETON = "Dockerfile.j2"


def folder() -> Path:
    """Where the templates are: beside the package in a checkout, inside it when installed."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "dockerfiles"
    return installed if installed.is_dir() else package.parent / "dockerfiles"


def render(cell: Cell, wheels: tuple[LockedWheel, ...], labels: Mapping[str, str]) -> str:
    """The Dockerfile of a cell.

    Raises:
        BuilderError: for a mistake in a template, with its line.
    """
    try:
        text = _environment().get_template(SKELETON).render(_values(cell, wheels, labels))
    except TemplateSyntaxError as error:
        raise _broken(error, error.filename or SKELETON, error.lineno) from error
    except TemplateError as error:
        frame = _template_frame(error)
        raise _broken(error, *frame) from error
    return text


def _values(cell: Cell, wheels: tuple[LockedWheel, ...], labels: Mapping[str, str]) -> dict[str, Any]:
    system = systems.system(cell.os)
    if system is None:
        raise BuilderError(
            ExitCode.INCOMPATIBLE,
            f"there is no operating system `{cell.os}`",
            fix="Run `python -m builder check`.",
            where=cell.where,
        )
    try:
        installed = packages(cell, system)
    except LookupError as error:
        raise BuilderError(
            ExitCode.INCOMPATIBLE,
            f"there is no recipe for this image: {error}",
            fix="Choose another `os` or `python`, or exclude the cell.",
            where=cell.where,
        ) from error
    cuda_wheels = tuple(wheel for wheel in wheels if wheel.name.startswith(CUDA_PACKAGES))
    release = cuda.release(cell.cuda)
    return {
        "cell": cell,
        "system": system,
        "packages": installed,
        "labels": dict(sorted(labels.items())),
        "cuda_wheels": cuda_wheels,
        "python_wheels": tuple(wheel for wheel in wheels if wheel not in cuda_wheels),
        "constraints": constraints(wheels),
        "driver_cuda": cuda.driver_cuda(release) if release else "",
        "compiles": cell.flavor.has_compiler,
        "toolkit": cell.source is Source.WHEELS,
        "manylinux": f"{cell.platform.machine}-manylinux_2_28",
    }


@cache
def _environment() -> Environment:
    return Environment(  # noqa: S701  Dockerfiles are no HTML
        loader=FileSystemLoader(folder()),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )


def _template_frame(error: BaseException) -> tuple[str, int]:
    """The innermost template line of a traceback; Jinja rewrites them to the template's own."""
    found = (SKELETON, 1)
    traceback = error.__traceback__
    while traceback is not None:
        name = traceback.tb_frame.f_code.co_filename
        if name.endswith(".j2"):
            found = (name, traceback.tb_lineno)
        traceback = traceback.tb_next
    return found


def _broken(error: Exception, file: str, line: int) -> BuilderError:
    return BuilderError(
        ExitCode.TEMPLATE,
        f"the template is broken: {error}",
        fix="Correct the template; every value it names must exist.",
        where=Location(file, line, 1),
    )
