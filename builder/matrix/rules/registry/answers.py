"""The answers of registries beside what they were asked about, for the rules that look at them."""

from collections.abc import Iterator

from builder.matrix.expansion.bases import Base
from builder.matrix.rules.rule import Context
from builder.matrix.survey import BaseAnswers, Survey
from builder.model.cell import Cell
from builder.model.location import Location
from builder.model.reference import Repository


def answered(context: Context) -> Iterator[tuple[Survey, Base, list[Cell], BaseAnswers]]:
    """Each base that registries were asked about, with its cells and the answers."""
    if context.survey is None:
        return
    for name, (base, cells) in context.bases.items():
        if answers := context.survey.bases.get(name):
            yield context.survey, base, cells, answers


def written(context: Context) -> Iterator[tuple[str, Repository, Location]]:
    """The repositories that are written to: what each is for, its name, and where the matrix names it."""
    matrix = context.matrix
    yield "staging", Repository.parse(matrix.staging), context.locate("staging")
    yield "release", Repository.parse(matrix.release), context.locate("release")
    for i, copy in enumerate(matrix.copies):
        yield "release", Repository.parse(copy), context.locate("copies", i)


def source_of(context: Context, base: Base, place: Repository, cell: Cell) -> Location | None:
    """Where the matrix names a place of a base; where it asks for the cell, when the place is the default."""
    index = [reference.repository for reference in base.places].index(place)
    mirrors = context.matrix.sources.of(cell.source).mirrors
    part = ("mirrors", index) if index < len(mirrors) else ("repository",)
    path = ("sources", str(cell.source), *part)
    return context.locate(*path) if path in context.loaded.document.values else context.place(cell, "os")
