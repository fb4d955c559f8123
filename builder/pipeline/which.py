"""which: the images of the family that run on a machine, best first, and why the others do not."""

import os
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from builder.facts import gpus
from builder.facts.archs import Coverage, capability
from builder.facts.cuda import DriverSupport
from builder.facts.version import is_number, parts
from builder.matrix.machines.machine import Machine, of_gpu, of_size, seen
from builder.matrix.machines.runs import Breaks, Runs, Verdict, runs
from builder.matrix.select import Selector
from builder.matrix.tags import render_all, templates
from builder.model.cell import Cell, Flavor, Target
from builder.model.errors import BuilderError, ExitCode
from builder.model.platform import Platform
from builder.pipeline.inputs.project import Project

_QUERY = ("--query-gpu=name,compute_cap,driver_version", "--format=csv,noheader")
_SECONDS = 30
_NAME_IT = "Name the machine: --gpu with --driver, or --host."


@dataclass(frozen=True, slots=True)
class Answer:
    """A target, its tags as users pull them, the cell for the machine's architecture, and whether it runs."""

    target: str
    tags: tuple[str, ...]
    cell: Cell
    verdict: Verdict


def named(*, gpu: str | None, driver: str | None, host: str | None, platform: str | None) -> Machine:
    """The machine that the command line names.

    Raises:
        BuilderError: (3) for a GPU or a size that nobody knows, or a driver that is no version.
    """
    try:
        if host:
            return of_size(host, driver=driver)
        arch = Platform.parse(platform).architecture if platform else None
        return of_gpu(gpu or "", driver=driver, arch=arch)
    except (LookupError, ValueError) as error:
        raise BuilderError(ExitCode.NOTHING_SELECTED, str(error), fix=_NAME_IT) from error


def here(program: str = "nvidia-smi") -> tuple[Machine, ...]:
    """The GPUs of this machine, those of one kind once.

    Raises:
        BuilderError: (10) where nvidia-smi is missing or fails.
    """
    if shutil.which(program) is None:
        raise BuilderError(ExitCode.TOOL_MISSING, "there is no nvidia-smi on this machine", fix=_NAME_IT)
    try:
        done = subprocess.run(
            [program, *_QUERY], capture_output=True, text=True, timeout=_SECONDS, check=True
        )
    except (OSError, subprocess.SubprocessError) as error:
        said = getattr(error, "stdout", None) or getattr(error, "stderr", None) or str(error)
        raise BuilderError(
            ExitCode.TOOL_MISSING, f"nvidia-smi failed: {str(said).strip()[:300]}", fix=_NAME_IT
        ) from error
    arch = Platform.parse(f"linux/{os.uname().machine}").architecture
    machines = [_read(line, arch) for line in done.stdout.splitlines() if line.strip()]
    if not machines:
        raise BuilderError(ExitCode.TOOL_MISSING, "nvidia-smi shows no GPU", fix=_NAME_IT)
    return tuple(dict.fromkeys(machines))


def answers(project: Project, machines: Sequence[Machine], words: Sequence[str]) -> tuple[Answer, ...]:
    """The selected targets: those that run on all of these machines, best first, then the others.

    Raises:
        BuilderError: (3) when the words select nothing.
    """
    selected = Selector.parse(words)(project.expansion.all)
    if not selected:
        fix = "`python -m builder plan` lists the targets."
        raise BuilderError(ExitCode.NOTHING_SELECTED, f"nothing is selected by {' '.join(words)}", fix=fix)
    found = [_answer(project, target, machines) for target in selected]
    by_system = sorted(found, key=lambda answer: answer.cell.os, reverse=True)
    return tuple(sorted(by_system, key=_rank))


def _answer(project: Project, target: Target, machines: Iterable[Machine]) -> Answer:
    judged = [(cell, runs(cell, machine)) for machine in machines for cell in _cells(target, machine)]
    cell, verdict = next(((c, v) for c, v in judged if isinstance(v, Breaks)), judged[0])
    return Answer(target.name, _tags(project, target), cell, verdict)


def _cells(target: Target, machine: Machine) -> tuple[Cell, ...]:
    """The target's cell for the machine, or any where it has none, which then says so."""
    mine = tuple(cell for cell in target.cells if cell.platform.architecture == machine.arch)
    return mine or target.cells[:1]


def _tags(project: Project, target: Target) -> tuple[str, ...]:
    """What users pull: the rolling tags, or the release's; the target's name where neither is known."""
    tags, epoch = templates(project.matrix, target), project.lock.epoch if project.lock else None
    if tags.rolling:
        names = render_all(tags.rolling, target, epoch or date.min)
    elif epoch:
        names = render_all(tags.release, target, epoch)
    else:
        return (target.name,)
    return tuple(f"{project.matrix.release}:{name}" for name in names)


_SUPPORT = (DriverSupport.FULL, DriverSupport.MINOR, None)
_COVERAGE = (Coverage.EXACT, Coverage.BINARY, Coverage.PTX, None)


def _rank(answer: Answer) -> tuple[object, ...]:
    """What runs goes first; then a driver that knows the toolkit, code made for the GPU, what is newest."""
    cell, verdict = answer.cell, answer.verdict
    newest = (_newest(cell.cuda), _newest(cell.torch), tuple(Flavor).index(cell.flavor))
    match verdict:
        case Runs(support, coverage):
            return 0, _SUPPORT.index(support), _COVERAGE.index(coverage), *newest
        case Breaks():
            return 1, 0, 0, *newest


def _newest(version: str) -> tuple[int, ...]:
    """Sorts newer versions first, and nothing last."""
    return tuple(-part for part in parts(version)) if is_number(version) else (1,)


def _read(line: str, arch: str) -> Machine:
    name, cc, driver, *_ = [*(word.strip() for word in line.split(",")), "", ""]
    known = gpus.find(name)
    # nvidia-smi before 11.6 does not know the field, and says so in its place.
    found = capability(cc) or (known.cc if known else None)
    if found is None or not is_number(driver):
        raise BuilderError(ExitCode.TOOL_MISSING, f"nvidia-smi says `{line.strip()[:200]}`", fix=_NAME_IT)
    return seen(name, found, driver, arch)
