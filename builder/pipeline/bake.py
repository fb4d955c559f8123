"""bake, from the work to the report: opens the registry, the engine only where there is something to do."""

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from builder.bake.arguments import refuse_secrets
from builder.engine.cache import is_local
from builder.engine.client import connect
from builder.engine.clock import require_past
from builder.engine.gpus import detect, possible
from builder.engine.info import engine_info
from builder.engine.lend import lending
from builder.model.digest import Digest
from builder.model.errors import ExitCode
from builder.model.finding import Finding
from builder.model.outcome import Built, Failed, Reused, Skipped
from builder.pipeline.existing.preflight import clear
from builder.pipeline.inputs.copies import copies
from builder.pipeline.inputs.prepare import Work
from builder.pipeline.inputs.site import site
from builder.pipeline.staging.build import Baked
from builder.pipeline.staging.disk import space
from builder.pipeline.staging.kitchen import Kitchen
from builder.pipeline.staging.plan import Step, plan
from builder.pipeline.staging.run import Listener, Result, passed, run, test
from builder.pipeline.staging.smoke import Bench, clean, needs_test
from builder.pipeline.staging.weight import Reproduce, settled
from builder.registry.client import Registry
from builder.registry.requests import Requests
from builder.release.signing.sign import Signer

if TYPE_CHECKING:
    from python_on_whales import DockerClient


@dataclass(frozen=True, slots=True)
class Options:
    """What the user chose for this run. `release`: one is to follow; a `signer` signs receipts.

    `budget` is the disk, in bytes, that builds and the build cache may take. With `cache` the steps of builds
    are kept in staging. `pause` are the seconds before a build's second try.
    """

    jobs: int = 2
    builder: str | None = None
    smoke: bool = True
    fail_fast: bool = False
    release: bool = False
    signer: Signer | None = None
    budget: int | None = None
    cache: bool = False
    pause: float = 5


@dataclass(frozen=True, slots=True)
class Report:
    """How every step ended, what it cost in requests, and what registries said that is worth knowing."""

    results: tuple[Result, ...]
    requests: Requests
    findings: tuple[Finding, ...] = ()

    @property
    def code(self) -> ExitCode:
        """11 when a build failed, 30 when a test did, else 0."""
        if any(isinstance(result.build, Failed | Skipped) for result in self.results):
            return ExitCode.BUILD_FAILED
        if not all(passed(result.test) for result in self.results):
            return ExitCode.SMOKE_FAILED
        return ExitCode.DONE

    def count(self, kind: type[Built | Reused | Failed | Skipped]) -> int:
        """How many builds ended so."""
        return sum(isinstance(result.build, kind) for result in self.results)


def bake(work: Work, options: Options, listener: Listener, *, reproduce: Reproduce) -> Report:
    """Build and test what is missing.

    Raises:
        MatrixError: (20 to 25) when registries say that it cannot be built or pushed; nothing was begun then.
    """
    with Registry() as registry:
        steps = plan(registry, work.builds, work.terms)
        cleared = clear(registry, work, steps, release=options.release)
        if _idle(steps, smoke=options.smoke):
            results = _told(registry, steps, listener, reproduce)
        else:
            results = _work(work, options, registry, cleared.steps, listener, reproduce)
        return Report(results, registry.requests, cleared.findings)


def _idle(steps: Iterable[Step], *, smoke: bool) -> bool:
    """Whether nothing is to be built or tested, so that neither engine nor BuildKit is asked."""
    gpu = possible()
    return all(step.staged and (not smoke or not needs_test(step, gpu=gpu)) for step in steps)


def _told(
    registry: Registry, steps: tuple[Step, ...], listener: Listener, reproduce: Reproduce
) -> tuple[Result, ...]:
    """The results where all is staged: an image may be over its budget all the same."""
    outcomes = settled(registry, steps, reproduce)
    for step, outcome in zip(steps, outcomes, strict=True):
        if isinstance(outcome, Failed):
            listener.baked(Baked(step, outcome))
    return tuple(Result(step, outcome, None) for step, outcome in zip(steps, outcomes, strict=True))


def _work(
    work: Work,
    options: Options,
    registry: Registry,
    steps: tuple[Step, ...],
    listener: Listener,
    reproduce: Reproduce,
) -> tuple[Result, ...]:
    docker = connect()
    missing = [step for step in steps if step.staged is None]
    here = site([step.build for step in missing])
    builds_here = bool(missing) and is_local(docker, options.builder)
    info = engine_info(docker) if builds_here or options.smoke else {}
    if builds_here:
        require_past(info, max(step.build.recipe.epoch for step in missing))
    if missing:
        refuse_secrets(here.proxies, None)
        folder = str(info.get("DockerRootDir", "")) if builds_here else ""
        listener.space(space(folder, missing, options.budget))
    with (
        copies(step.build for step in missing) as copied,
        bench_of(docker, info, registry, work, options.signer) if options.smoke else nullcontext() as bench,
    ):
        kitchen = Kitchen(
            docker=docker,
            registry=registry,
            site=here,
            copies=copied,
            jobs=options.jobs,
            observer=listener.progress,
            reproduce=reproduce,
            builder=options.builder,
            fail_fast=options.fail_fast,
            budget=options.budget,
            cache=options.cache,
            pause=options.pause,
        )
        return run(kitchen, bench, steps, listener)


def smoke(work: Work, listener: Listener, *, again: bool = False, signer: Signer | None = None) -> Report:
    """Test the staged images that lack a receipt; what is not staged is skipped, said so, and not built."""
    with Registry() as registry:
        steps = plan(registry, work.builds, work.terms, explain=False)
        gpu = possible()
        waiting = [step for step in steps if step.staged and (again or needs_test(step, gpu=gpu))]
        done: dict[str, Result] = {}
        if waiting:
            staged = {step.build.name: step.staged for step in steps if step.staged}
            docker = connect()
            with (
                bench_of(docker, engine_info(docker), registry, work, signer) as bench,
                ThreadPoolExecutor(bench.width, thread_name_prefix="smoke") as pool,
            ):
                ended = pool.map(lambda step: _tested(bench, step, staged, listener), waiting)
                done = {result.step.build.name: result for result in ended}
        results = tuple(done.get(step.build.name) or _untouched(step) for step in steps)
        return Report(results, registry.requests)


@contextmanager
def bench_of(
    docker: "DockerClient",
    info: Mapping[str, Any],
    registry: Registry,
    work: Work,
    signer: Signer | None = None,
) -> Iterator[Bench]:
    """A bench with this host's GPUs, after clearing away what killed runs left behind.

    `info` is what the engine says of itself.
    """
    host = (("engine", str(info.get("ServerVersion", ""))), ("kernel", str(info.get("KernelVersion", ""))))
    with lending(docker) as lend:
        bench = Bench(
            docker, registry, work.terms, work.project.matrix.smoke, detect(info), host, lend, signer
        )
        clean(bench)
        yield bench


def _tested(bench: Bench, step: Step, staged: Mapping[str, Digest], listener: Listener) -> Result:
    return Result(step, Reused(staged[step.build.name]), test(bench, step, staged, listener))


def _untouched(step: Step) -> Result:
    return Result(
        step, Reused(step.staged) if step.staged else Skipped("it is not staged; bake it first"), None
    )
