"""plan: what would be built and tested, and why, from one look at the staging repository."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

from builder.bake import staging
from builder.bake.definition import Build
from builder.bake.labels import INPUTS, KEY
from builder.bake.recipe import differences
from builder.bake.staging import Staged
from builder.model.cell import Cell, Level
from builder.model.descriptor import Descriptor
from builder.model.digest import Digest
from builder.pipeline.inputs.terms import Terms
from builder.registry.client import Registry
from builder.registry.concurrency import map_concurrently

_PUSHED = "the run that pushed it ended before it was staged"


@dataclass(frozen=True, slots=True)
class Step:
    """What is to be done for one cell.

    `staged` is the manifest that staging has for its key; `passed` are the levels of which a receipt that
    counts today is told of; `why` are the inputs that changed since the last build, or what is wrong with the
    receipts of an image that is staged. Of the last build of what is missing, `former` are the layers, `last`
    is the key, and `expected` the seconds that it took. `twins` are the staged manifests of an app's parents
    on other platforms, by the names of their builds. With `pushed` an earlier run pushed an image and ended
    before it was staged.
    """

    build: Build
    staged: Digest | None
    passed: frozenset[Level] = frozenset()
    why: tuple[str, ...] = ()
    former: tuple[Descriptor, ...] = ()
    twins: tuple[tuple[str, Digest], ...] = ()
    last: Digest | None = None
    expected: int | None = None
    pushed: bool = False

    @property
    def cell(self) -> Cell:
        """The cell."""
        return self.build.recipe.cell

    @property
    def tested(self) -> bool:
        """Whether a receipt of the level that the policy asks for is told of."""
        return self.passed_at(self.cell.require)

    def passed_at(self, level: Level) -> bool:
        """Whether a receipt is told of that serves where this level is asked for."""
        return any(found.satisfies(level) for found in self.passed)


def plan(
    registry: Registry, builds: tuple[Build, ...], terms: Terms, *, explain: bool = True
) -> tuple[Step, ...]:
    """The steps for these builds: one list of tags, and a look at each build that staging lacks.

    Nothing is written, so that whoever may read can plan.
    """
    repositories = sorted({build.staging for build in builds})
    staged = {repository: staging.read(registry.tags(repository)) for repository in repositories}

    def step(build: Build) -> Step:
        told, level = staged[build.staging], build.recipe.cell.require
        digest = told.digest(build.key)
        if digest is None:
            step = _missing(registry, build, told) if explain else Step(build, None)
            pushed = staging.key_tag(build.key) in told.unconfirmed
            why = (_PUSHED,) if pushed else step.why
            return replace(step, why=why, pushed=pushed, twins=_twins(build, told))
        levels = told.levels(digest, terms.id, today=terms.today, max_age=terms.max_age)
        if any(found.satisfies(level) for found in levels):
            return Step(build, digest, levels)
        lacks = told.untested(digest, terms.id, level, today=terms.today, max_age=terms.max_age)
        return Step(build, digest, levels, (lacks,))

    known = {build.name: staged[build.staging].digest(build.key) for build in builds}
    quick = {name for name, digest in known.items() if digest}
    asked = iter(map_concurrently(step, [build for build in builds if build.name not in quick]))
    return tuple(step(build) if build.name in quick else next(asked) for build in builds)


def _twins(build: Build, staged: Staged) -> tuple[tuple[str, Digest], ...]:
    return tuple((one.name, found) for one in build.twins.values() if (found := staged.digest(one.key)))


def _missing(registry: Registry, build: Build, staged: Staged) -> Step:
    last = registry.find_manifest(build.staging.tag(staging.last_tag(build.name)))
    if last is None:
        return Step(build, None, why=("it was never built",))
    why = differences(_inputs(last.annotations), build.recipe.inputs()) or ("staging lost it",)
    key = _key(last.annotations)
    expected = staged.seconds.get(staging.key_tag(key)) if key else None
    return Step(build, None, why=why, former=last.layers, last=key, expected=expected)


def _key(annotations: Mapping[str, str]) -> Digest | None:
    try:
        return Digest.parse(annotations.get(KEY, ""))
    except ValueError:
        return None


def _inputs(annotations: Mapping[str, str]) -> Mapping[str, object]:
    try:
        inputs = json.loads(annotations.get(INPUTS, "{}"))
    except ValueError:
        return {}
    return inputs if isinstance(inputs, dict) else {}
