"""The disk that builds take: an estimate from what their images weighed last, and groups under a budget."""

from collections.abc import Iterable, Iterator, Sequence

from builder.engine.host.host import Host
from builder.engine.host.read import read_disk
from builder.model.space import Space
from builder.pipeline.staging.plan import Step

# A builder keeps layers compressed, to push them, and unpacked beside that, which is up to 3.5 times as much
# (docs/measurements.md).
_KEPT = 4.5


def estimate(steps: Iterable[Step]) -> int:
    """The bytes that a builder needs for these: shared layers count once, and unknown builds nothing."""
    layers = {layer.digest: layer.size for step in steps for layer in step.former}
    return round(_KEPT * sum(layers.values()))


def groups(steps: Iterable[Step], budget: int | None) -> Iterator[tuple[Step, ...]]:
    """The steps in their order, in groups whose estimate stays under the budget; without one, all at once.

    What exceeds it by itself, and what was never built, is a group alone.
    """
    group: list[Step] = []
    for step in steps:
        if budget is not None and group and not _fits(group, step, budget):
            yield tuple(group)
            group = []
        group.append(step)
    if group:
        yield tuple(group)


def kept(group: Sequence[Step], budget: int) -> int:
    """The bytes of cache that may stay while a group is built; one of unknown size gets half the budget."""
    needed = estimate(group) or budget // 2
    return max(budget - needed, 0)


def space(folder: str, missing: Sequence[Step], budget: int | None) -> Space:
    """What the missing builds need, and what is free where builds are kept, if that is known."""
    known = [step for step in missing if step.former]
    disk = read_disk(Host(), folder)
    return Space(
        needed=estimate(known),
        builds=len(known),
        unknown=tuple(step.build.name for step in missing if not step.former),
        free=disk.free if disk else None,
        place=disk.path if disk else "",
        budget=budget,
        groups=len(list(groups(missing, budget))),
        alone=tuple(step.build.name for step in known if budget is not None and estimate([step]) > budget),
    )


def _fits(group: Sequence[Step], step: Step, budget: int) -> bool:
    known = step.former and all(other.former for other in group)
    return bool(known) and estimate([*group, step]) <= budget
