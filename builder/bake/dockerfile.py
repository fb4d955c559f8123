"""Renders a cell's Dockerfile from the templates in dockerfiles/."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import cache
from pathlib import Path

from jinja2 import (
    Environment,
    FileSystemLoader,
    StrictUndefined,
    TemplateError,
    TemplateSyntaxError,
)

from builder.bake.bytecode import beside
from builder.bake.guard import CUDA_PACKAGES, constraints
from builder.bake.packages import Packages, packages
from builder.bake.seen import seen
from builder.bake.trust import trusted
from builder.facts import cuda, systems
from builder.matrix.conda.environment import Environment as CondaEnvironment
from builder.matrix.expansion.managed import RELEASES
from builder.matrix.lock import LockedPackage, LockedWheel
from builder.model.cell import Cell, Source
from builder.model.errors import BuilderError, ExitCode
from builder.model.location import Location

SKELETON = "Dockerfile.j2"
# No Dockerfile can hold this character, so that it marks the place of the labels.
_LABELS = "\0"
# Where wheels are: in a virtual environment, or just unpacked where nothing imports them.
_VENV, _BARE = "/opt/venv", "/opt/cuda"
_quoted = json.JSONEncoder(ensure_ascii=False).encode


@cache
def folder() -> Path:
    """Where the templates are: beside the package in a checkout, inside it when installed."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "dockerfiles"
    return installed if installed.is_dir() else package.parent / "dockerfiles"


@dataclass(frozen=True, slots=True)
class Shape:
    """All of a cell that the templates may look at, besides its labels: cells of one shape share a rendering.

    `python` is that of the wheels, and `has_python` says whether the image has one. `conda` are the packages
    of its environment of conda's, which `environment` asked for; `managed` are the archives of its Python of
    uv's; `cuda` says whether there is any; `toolkit` is the version that the wheels bring, empty for none,
    and `driver_cuda` the CUDA that a driver has to be made for to run it.
    """

    system: str
    slug: str
    machine: str
    python: str
    has_python: bool
    packages: Packages | None
    trusted: tuple[str, ...]
    wheels: tuple[LockedWheel, ...]
    conda: tuple[LockedPackage, ...]
    environment: CondaEnvironment | None
    managed: tuple[LockedPackage, ...]
    cuda: bool
    toolkit: str
    driver_cuda: str
    compiles: bool


@dataclass(frozen=True, slots=True)
class Python:
    """What the lock has for a cell's Python: wheels and archives, or conda's environment and its packages."""

    wheels: tuple[LockedWheel, ...] = ()
    environment: CondaEnvironment | None = None
    conda: tuple[LockedPackage, ...] = ()
    managed: tuple[LockedPackage, ...] = ()


@dataclass(frozen=True, slots=True)
class Dockerfile:
    """The text of a Dockerfile, and the paths of the build context that it can see."""

    text: str
    sources: frozenset[str]


def render(cell: Cell, python: Python, labels: Mapping[str, str]) -> Dockerfile:
    """The Dockerfile of a cell.

    Raises:
        BuilderError: for a mistake in a template, with its line.
    """
    told = " \\\n    ".join(f"{name}={_quoted(value)}" for name, value in sorted(labels.items()))
    rendered = _rendered(_shape(cell, python))
    return replace(rendered, text=rendered.text.replace(_LABELS, told))


@cache
def _rendered(shape: Shape) -> Dockerfile:
    """The Dockerfile with a mark in place of the labels."""
    values = {field.name: getattr(shape, field.name) for field in fields(shape)}
    cuda_wheels = tuple(wheel for wheel in shape.wheels if wheel.name.startswith(CUDA_PACKAGES))
    values |= {
        "cuda_wheels": cuda_wheels,
        "python_wheels": tuple(wheel for wheel in shape.wheels if wheel not in cuda_wheels),
        "constraints": constraints(shape.wheels),
        "fetcher": "rattler" if shape.conda else "uv",
        "releases": RELEASES,
        "path": ":".join(_path(shape)),
        "tree": _VENV if shape.has_python else _BARE,
        "site_packages": f"{_VENV}/lib/python{shape.python}/site-packages" if shape.has_python else _BARE,
        "labels": _LABELS,
    }
    try:
        text = _environment().get_template(SKELETON).render(values)
    except TemplateSyntaxError as error:
        raise _broken(error, error.filename or SKELETON, error.lineno) from error
    except TemplateError as error:
        frame = _template_frame(error)
        raise _broken(error, *frame) from error
    return Dockerfile(text, seen(text))


def _path(shape: Shape) -> tuple[str, ...]:
    """The folders that PATH begins with, before those of the system."""
    own = ("/opt/conda/bin",) if shape.conda else (f"{_VENV}/bin",) if shape.has_python else ()
    return (*own, "/usr/local/nvidia/bin", "/usr/local/cuda/bin")


def _shape(cell: Cell, python: Python) -> Shape:
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
    toolkit = cell.cuda if cell.source is Source.WHEELS else ""
    release = cuda.release(toolkit) if toolkit else None
    return Shape(
        system=system.name,
        slug=cell.platform.slug,
        machine=cell.platform.machine,
        python=cell.python or (installed.python if installed else ""),
        has_python=bool(cell.python),
        packages=installed,
        trusted=trusted(cell),
        wheels=python.wheels,
        conda=python.conda,
        environment=python.environment,
        managed=python.managed,
        cuda=bool(cell.cuda),
        toolkit=toolkit,
        driver_cuda=cuda.driver_cuda(release) if release else "",
        compiles=cell.flavor.has_compiler,
    )


@cache
def _environment() -> Environment:
    return Environment(  # noqa: S701  Dockerfiles are no HTML
        loader=FileSystemLoader(folder()),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
        bytecode_cache=beside(folder()),
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
