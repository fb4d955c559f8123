"""From the values of a point of the matrix to its cell, and from cells to their target."""

from collections.abc import Iterable, Mapping, Sequence

from builder.facts import systems
from builder.facts import torch as torches
from builder.matrix.conda.file import NO_FILE, EnvironmentFile
from builder.matrix.expansion.bases import ngc_release
from builder.matrix.expansion.wheels import COMPONENTS
from builder.matrix.match import matches
from builder.matrix.schema import Matrix
from builder.matrix.schema.cells import Assignment
from builder.model.cell import CPU, NONE, Cell, Env, Flavor, Level, Source, Target
from builder.model.location import Location
from builder.model.platform import Platform

OS_PYTHON = "os"


def derive(matrix: Matrix, values: Mapping[str, str]) -> dict[str, str]:
    """The values with what follows from them: cells without CUDA have their own source, `os` is a Python.

    It stays `os` where the tables know no Python of the system's.
    """
    derived = dict(values)
    if derived["cuda"] == CPU:
        derived["source"] = str(Source.CPU)
    if derived["source"] == Source.NGC_PYTORCH and (
        found := ngc_release(matrix, derived["cuda"], derived["os"])
    ):
        _, holds = found
        derived["torch"] = holds.torch
        if derived["python"] != NONE:  # python-needed says that its base has one
            derived["python"] = holds.python
    system = systems.system(derived["os"])
    if derived["python"] == OS_PYTHON and system and system.python:
        derived["python"] = system.python
    return derived


def make(
    matrix: Matrix,
    values: Mapping[str, str],
    assignments: Sequence[Assignment],
    where: Location,
    environment: EnvironmentFile = NO_FILE,
) -> Cell:
    """The cell of these values after the assignments of the overrides, of which the last wins.

    `environment` is what the matrix adds to the environments of conda's.
    """
    changed, companions = dict(values), matrix.companions
    for assignment in assignments:
        given = assignment.model_dump(exclude_none=True)
        companions = given.pop("companions", companions)
        changed |= given
    if assignments:
        changed = derive(matrix, changed)
    env = Env(changed["env"])
    added = environment if env is Env.CONDA else NO_FILE
    source, flavor = Source(changed["source"]), Flavor(changed["flavor"])
    torch, python = ("" if changed[axis] == NONE else changed[axis] for axis in ("torch", "python"))
    return Cell(
        source=source,
        cuda="" if changed["cuda"] == CPU else changed["cuda"],
        flavor=flavor,
        os=changed["os"],
        platform=Platform.parse(changed["platform"]),
        torch=torch,
        python=python,
        components=_components(source, flavor, matrix),
        companions=_companions(torch, companions) if source is not Source.NGC_PYTORCH else (),
        env=env,
        channels=added.channels,
        packages=tuple(one.text for one in added.dependencies),
        require=_level(matrix, changed),
        where=where,
    )


def target(cells: Iterable[Cell]) -> Target:
    """The target that these cells are the platforms of."""
    ordered = tuple(sorted(cells, key=lambda cell: cell.platform))
    return Target(target_name(ordered), ordered)


def target_name(cells: Sequence[Cell]) -> str:
    """`13.0.2-devel-debian12-py3.11-torch2.13.0`, less what differs between the platforms.

    An app's name goes first, and its flavor is left out: that is its Dockerfile's business.
    """
    first, *others = [cell.values() for cell in cells]
    cell = cells[0]

    def same(axis: str) -> bool:
        return all(values[axis] == first[axis] for values in others)

    parts = [*([cell.app.name] if cell.app else []), cell.cuda or CPU]
    parts += [*([] if cell.app else [str(cell.flavor)]), cell.os]
    if cell.python and same("python"):
        parts.append(f"py{cell.python}")
    if cell.torch and same("torch"):
        parts.append(f"torch{cell.torch}")
    if cell.source in (Source.WHEELS, Source.NGC_PYTORCH) and same("source"):
        parts.append(str(cell.source))
    if cell.env is not Env.PIP and same("env"):
        parts.append(str(cell.env))
    return "-".join(parts)


def _level(matrix: Matrix, values: Mapping[str, str]) -> Level:
    if values["cuda"] == CPU:
        return Level.CPU
    level = matrix.smoke.level(Platform.parse(values["platform"]))
    for policy in matrix.smoke.policies:
        if policy.level and matches(policy.match.given(), values):
            level = Level(policy.level)
    return level


def _components(source: Source, flavor: Flavor, matrix: Matrix) -> tuple[str, ...]:
    if source is not Source.WHEELS:
        return ()
    return matrix.sources.wheels.components.get(flavor.value, COMPONENTS[flavor])


def _companions(torch: str, companions: tuple[str, ...]) -> tuple[str, ...]:
    """Companions with their versions: those that belong to this torch, unless the matrix pins others."""
    release = torches.release(torch)
    if not torch or release is None:
        return tuple(sorted(companions)) if torch else ()
    own = {"torchvision": release.torchvision, "torchaudio": release.torchaudio}
    return tuple(sorted(text if "==" in text else f"{text}=={own[text]}" for text in companions))
