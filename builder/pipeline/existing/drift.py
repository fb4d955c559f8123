"""What of CUDA has drifted in images that are staged and not yet released, by the lists of their packages."""

from collections.abc import Mapping, Sequence

from builder.matrix.drift import drift
from builder.model.platform import Platform
from builder.pipeline.existing.prospects import Prospect
from builder.pipeline.staging.contents import contents_of
from builder.pipeline.staging.plan import Step
from builder.registry.client import Registry


def drifted(
    registry: Registry, steps: Sequence[Step], prospects: Mapping[str, Prospect]
) -> Mapping[tuple[str, Platform], tuple[str, ...]]:
    """What drifted, by target and platform.

    Nothing is asked where no packages are listed, and nothing of what is released already: an image never
    changes, so that a plan of a family that did not change takes no more requests for this.
    """
    known = {step.build.name: step.staged for step in steps if step.staged}
    waiting = [
        step.build
        for step in steps
        if step.build.attestations.lists and prospects.get(step.build.target) is not Prospect.UNCHANGED
    ]
    found = contents_of(registry, waiting, known)
    return {where: changed for where, contents in found.items() if (changed := drift(contents))}
