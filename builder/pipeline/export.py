"""export: the released images of a selection, by digest, for whoever runs them.

What is told of an image is what its release recorded and its own labels say: the matrix and the lock may have
moved on since.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path

from builder.bake.labels import cell_of
from builder.matrix.select import Selector
from builder.matrix.tags import render_all, templates
from builder.model.cell import Target
from builder.model.errors import BuilderError, ExitCode
from builder.model.reference import Repository
from builder.pipeline.inputs.project import Project, read, require_sound
from builder.registry.client import Registry
from builder.registry.concurrency import map_concurrently
from builder.release.pruning.crawl import pointers
from builder.release.records import ledger
from builder.release.records.record import Entry
from builder.report.export.image import Image


@dataclass(frozen=True, slots=True)
class Exported:
    """The images, and what people should know: what is not released, and what is of an older lock."""

    images: tuple[Image, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Asked:
    """A target, the immutable tags that it has under the lock, all others to know it by, and its release."""

    target: Target
    tags: tuple[str, ...]
    rolling: tuple[str, ...]
    entry: Entry | None

    @property
    def is_current(self) -> bool:
        """Whether it was released under the tags that the lock gives it."""
        return self.entry is not None and self.entry.tags == self.tags

    @property
    def names(self) -> tuple[str, ...]:
        """What it goes by. The tags that the lock gives it are free for as long as it is not released."""
        released = (*self.entry.tags, *self.entry.rolling) if self.entry else ()
        return (self.target.name, *self.rolling, *released)


def collect(registry: Registry, file: Path, words: Sequence[str], today: date) -> Exported:
    """The images that the words choose: selectors, or globs on the tags that users pull.

    Raises:
        MatrixError: when the matrix has errors.
        BuilderError: (3) when the words choose nothing, (22) when nothing of it is released.
    """
    project = read(file, today)
    epoch = require_sound(project).epoch
    repository = Repository.parse(project.matrix.release)
    record = ledger.read(registry, repository, registry.tags(repository))
    every = [
        _asked(project, target, epoch, record.entry(target.name) if record else None)
        for target in Selector.parse([word for word in words if "=" in word])(project.expansion.all)
    ]
    chosen, awaited = _choose(every, [word for word in words if "=" not in word])
    if not chosen and not awaited:
        raise BuilderError(
            ExitCode.NOTHING_SELECTED,
            f"nothing is selected by {' '.join(words)}",
            fix="`python -m builder plan` lists the targets.",
        )
    found = map_concurrently(lambda one: _image(registry, repository, one), chosen)
    pairs = list(zip(chosen, found, strict=True))
    missing = _names((*awaited, *(one for one, image in pairs if image is None)))
    images = tuple(image for image in found if image)
    if not images:
        raise BuilderError(
            ExitCode.NOT_FOUND,
            f"nothing of this is released in {repository}: {', '.join(missing)}",
            fix="Run `python -m builder release`.",
        )
    notes = [f"{name} is not released yet" for name in missing]
    notes += [
        f"{image.target} is of {image.epoch}: nothing newer is released, the lock is of {epoch}"
        for one, image in pairs
        if image and not one.is_current
    ]
    return Exported(images, tuple(notes))


def _choose(every: Iterable[_Asked], globs: Sequence[str]) -> tuple[list[_Asked], list[_Asked]]:
    """Those that go by one of these names, and those that only the tags of a coming release are meant by."""
    chosen: list[_Asked] = []
    awaited: list[_Asked] = []
    for one in every:
        if not globs or _is_named(one.names, globs):
            chosen.append(one)
        elif _is_named(one.tags, globs):
            awaited.append(one)
    return chosen, awaited


def _asked(project: Project, target: Target, epoch: date, entry: Entry | None) -> _Asked:
    own = templates(project.matrix, target)
    tags, rolling = (render_all(texts, target, epoch) for texts in (own.release, own.rolling))
    return _Asked(target, tags, rolling, entry)


def _is_named(names: Iterable[str], globs: Sequence[str]) -> bool:
    return any(fnmatchcase(name, glob) for name in names for glob in globs)


def _names(asked: Iterable[_Asked]) -> list[str]:
    return [f"{one.target.name} ({', '.join(one.tags)})" for one in asked]


def _image(registry: Registry, repository: Repository, one: _Asked) -> Image | None:
    """The image as it was released; None where it was not, or a release was cut off before its tags."""
    entry = one.entry
    if entry is None:
        return None
    there = pointers(registry, repository, (*entry.tags, *entry.rolling))
    tags = tuple(tag for tag, digest in there.items() if digest == entry.index.digest)
    if not tags:
        return None
    platforms = sorted(entry.platforms.items())
    told = [registry.manifest(repository.at(digest)).annotations for _, digest in platforms]
    cells = tuple(cell_of(labels, platform) for (platform, _), labels in zip(platforms, told, strict=True))
    reference = repository.at(entry.index.digest)
    return Image(entry.target, reference, tags, entry.epoch, cells, one.target.app)
