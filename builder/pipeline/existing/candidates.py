"""From a selection of the matrix, and what is staged of it, to what should be released."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path

from builder.matrix.match import matches
from builder.matrix.policy import policy_of
from builder.matrix.schema import Matrix
from builder.model.cell import Cell, Target
from builder.model.errors import BuilderError, ExitCode
from builder.model.platform import Platform
from builder.model.policy import Demand
from builder.model.reference import Repository
from builder.model.release import Candidate, Part
from builder.pipeline.inputs.builds import builds
from builder.pipeline.inputs.origin import origin
from builder.pipeline.inputs.prepare import Work
from builder.pipeline.staging.plan import Step, plan
from builder.registry.client import Registry
from builder.release.gate import Terms
from builder.release.notes import notes
from builder.release.order import Order
from builder.release.signing.sign import Signer, Verifier
from builder.smoke.demands import resolve


def order(registry: Registry, work: Work, now: datetime, signer: Signer | None = None) -> Order:
    """What a selection of the matrix comes to, by one look at staging. `now` is UTC."""
    matrix = work.project.matrix
    names = {target.name for target in work.selected}
    whole = tuple(target for target in work.family if target.name in names)
    steps = plan(registry, builds(matrix, work.lock, whole), work.terms, explain=False)
    return Order(
        candidates=candidates(
            whole, work.selected, steps, matrix, origin(work.project.file.parent), now.date()
        ),
        destinations=destinations(matrix),
        epoch=work.lock.epoch,
        bases={
            name: tuple(sorted({base.index, *base.platforms.values()}))
            for name, base in sorted(work.lock.bases.items())
        },
        terms=Terms(work.terms.probe, work.terms.policy, work.terms.max_age, now),
        signer=signer,
        verifier=_tester(matrix, work.project.file.parent),
    )


def _tester(matrix: Matrix, folder: Path) -> Verifier | None:
    """Whose receipts count; a key's file is named from the matrix' folder."""
    whose = matrix.receipts
    if whose is None:
        return None
    key = whose.key or ""
    return Verifier(
        str(folder / key) if key and "://" not in key else key, whose.identity or "", whose.issuer or ""
    )


def destinations(matrix: Matrix) -> tuple[Repository, ...]:
    """The release repositories."""
    return tuple(map(Repository.parse, (matrix.release, *matrix.copies)))


def candidates(
    whole: Iterable[Target],
    selected: Iterable[Target],
    steps: Sequence[Step],
    matrix: Matrix,
    told: Mapping[str, str],
    today: date,
) -> tuple[Candidate, ...]:
    """The candidates of whole targets, with what the selection leaves out of each; `told` is noted on all."""
    chosen = {(target.name, cell.platform) for target in selected for cell in target.cells}
    staged = {(step.build.target, step.cell.platform): step for step in steps}
    return tuple(
        Candidate(
            name=target.name,
            tags=target.tags,
            rolling=target.rolling,
            parts=tuple(_part(staged[target.name, cell.platform], matrix, today) for cell in target.cells),
            dropped=tuple(c.platform for c in target.cells if (target.name, c.platform) not in chosen),
            excluded=_excluded(target, matrix),
            notes={**told, **notes(target.cells)},
        )
        for target in whole
    )


def _excluded(target: Target, matrix: Matrix) -> frozenset[Platform]:
    """The platforms that rules with a reason take from a target."""
    rules = [rule.match.given() for rule in matrix.exclude if rule.reason]
    values = target.cells[0].values()
    return frozenset(
        Platform.parse(name)
        for name in matrix.axes.platform
        if any(matches(rule, {**values, "platform": name}) for rule in rules)
    )


def _part(step: Step, matrix: Matrix, today: date) -> Part:
    build, cell = step.build, step.cell
    demands = policy_of(matrix.smoke, cell).demands
    return Part(
        platform=cell.platform,
        require=cell.require,
        staging=build.staging,
        staged=step.staged,
        key=build.key,
        labels=build.labels,
        demands=tuple(_resolved(demand, cell, today) for demand in demands),
        budget=build.budget,
    )


def _resolved(demand: Demand, cell: Cell, today: date) -> Demand:
    try:
        return resolve(demand, cell.cuda, today)
    except ValueError as error:
        fix = "Correct `gpus:` under `smoke:`."
        raise BuilderError(ExitCode.INCOMPATIBLE, str(error), fix=fix, where=cell.where) from error
