"""All that can be said of a machine."""

from collections.abc import Iterable, Iterator

from builder.doctor.observation import Job, Observation
from builder.doctor.parts.driver import check_driver
from builder.doctor.parts.emulation import check_emulation
from builder.doctor.parts.engine import check_builders, check_engine
from builder.doctor.parts.lending import check_lending
from builder.doctor.parts.storage import check_disk, check_logins
from builder.doctor.parts.wsl import check_wsl
from builder.doctor.survey import Needs, Survey, System
from builder.facts.remedies import Distribution

_ARCHES = {"x86_64": "amd64", "aarch64": "arm64"}


def check(survey: Survey, needs: Needs) -> tuple[Observation, ...]:
    """Every part, from the driver up to the registries."""
    return tuple(_check(survey, needs, distribution(survey.system)))


def sound(observations: Iterable[Observation], jobs: frozenset[Job]) -> bool:
    """Whether nothing stands in the way of these jobs."""
    return not any(observation.stops(jobs) for observation in observations)


def distribution(system: System) -> Distribution:
    """The distribution that remedies are chosen for."""
    arch = _ARCHES.get(system.machine, system.machine)
    return Distribution(system.id, system.version, system.like, arch)


def _check(survey: Survey, needs: Needs, distribution: Distribution) -> Iterator[Observation]:
    yield from check_driver(survey, needs, distribution)
    yield from check_wsl(survey, needs)
    yield from check_lending(survey, needs, distribution)
    yield from check_engine(survey, distribution)
    yield from check_builders(survey, needs, distribution)
    yield from check_emulation(survey, needs)
    yield from check_disk(survey)
    yield from check_logins(survey, needs)
