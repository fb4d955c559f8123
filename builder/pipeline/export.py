"""export: the released images of a selection, by digest, for whoever runs them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path

from builder.matrix.select import Selector
from builder.matrix.tags import render_all, templates
from builder.model.cell import Target
from builder.model.errors import BuilderError, ExitCode
from builder.model.reference import Repository
from builder.pipeline.inputs.project import Project, read, require_sound
from builder.registry.client import Registry
from builder.registry.concurrency import map_concurrently
from builder.report.export.image import Image


@dataclass(frozen=True, slots=True)
class Exported:
    """The images, and the targets that are not released yet."""

    images: tuple[Image, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Tagged:
    target: Target
    tags: tuple[str, ...]


def collect(registry: Registry, file: Path, words: Sequence[str], today: date) -> Exported:
    """The images that the words choose: selectors, or globs on the tags that users pull.

    Raises:
        MatrixError: when the matrix has errors.
        BuilderError: (3) when the words choose nothing, (22) when nothing of it is released.
    """
    project = read(file, today)
    epoch = require_sound(project).epoch
    chosen = _chosen(project, words, epoch)
    repository = Repository.parse(project.matrix.release)
    found = map_concurrently(lambda one: _released(registry, repository, one, epoch), chosen)
    images = tuple(image for image in found if image)
    if not images:
        raise BuilderError(
            ExitCode.NOT_FOUND,
            f"nothing of this is released in {repository}: {', '.join(one.target.name for one in chosen)}",
            fix="Run `python -m builder release`.",
        )
    missing = (one.target.name for one, image in zip(chosen, found, strict=True) if image is None)
    return Exported(images, tuple(missing))


def _chosen(project: Project, words: Sequence[str], epoch: date) -> tuple[_Tagged, ...]:
    terms = [word for word in words if "=" in word]
    globs = [word for word in words if "=" not in word]
    every = (_tagged(project, target, epoch) for target in Selector.parse(terms)(project.expansion.all))
    chosen = tuple(one for one in every if not globs or _is_named(one, globs))
    if not chosen:
        raise BuilderError(
            ExitCode.NOTHING_SELECTED,
            f"nothing is selected by {' '.join(words)}",
            fix="`python -m builder plan` lists the targets.",
        )
    return chosen


def _is_named(one: _Tagged, globs: Sequence[str]) -> bool:
    return any(fnmatchcase(name, glob) for name in (one.target.name, *one.tags) for glob in globs)


def _tagged(project: Project, target: Target, epoch: date) -> _Tagged:
    """A target with its tags, the immutable ones first."""
    own = templates(project.matrix, target)
    return _Tagged(target, render_all((*own.release, *own.rolling), target, epoch))


def _released(registry: Registry, repository: Repository, one: _Tagged, epoch: date) -> Image | None:
    """The image under the first of its tags that is there."""
    for tag in one.tags:
        if found := registry.resolve(repository.tag(tag)):
            reference = repository.at(found.digest)
            return Image(one.target.name, reference, one.tags, epoch, one.target.cells)
    return None
