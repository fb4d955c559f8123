"""How GPUs get into containers: the NVIDIA Container Toolkit's runtime, or CDI."""

from collections.abc import Iterator

from builder.doctor.observation import Job, Observation, Of, Part, of
from builder.doctor.survey import Needs, Specification, Survey
from builder.facts import programs
from builder.facts.remedies import Distribution, remedy
from builder.facts.version import at_least, is_number

_CONFIGURE = "sudo nvidia-ctk runtime configure --runtime=docker && sudo systemctl restart docker"
_GENERATE = "sudo nvidia-ctk cdi generate --output=/etc/cdi/nvidia.yaml"
_CDI = 'Set {"features": {"cdi": true}} in /etc/docker/daemon.json, then: sudo systemctl restart docker'
_LINKS = "sudo nvidia-ctk system create-dev-char-symlinks --create-all"
_GUIDE = "Install the NVIDIA Container Toolkit as its installation guide says."


def check_lending(survey: Survey, needs: Needs, distribution: Distribution) -> Iterator[Observation]:
    """Nothing where there is no driver: nothing could be lent."""
    say = of(Part.LENDING, [Job.SMOKE] if needs.gpu else [])
    if survey.wsl or not (survey.driver.module or survey.driver.nodes):
        return
    lending = survey.lending
    for specification in lending.specifications:
        yield from _specification(say, specification, survey)
    runtime = "nvidia" in survey.engine.runtimes or lending.hook
    if runtime:
        yield say.ok(f"--gpus, through the container toolkit {lending.toolkit}".rstrip())
    elif not lending.specifications:
        yield from _nothing(say, survey, distribution)
    yield from _toolkit(say, survey, distribution, runtime=runtime)


def _nothing(say: Of, survey: Survey, distribution: Distribution) -> Iterator[Observation]:
    if not survey.lending.toolkit:
        fix = remedy("toolkit", distribution)
        what = "neither the NVIDIA Container Toolkit nor a CDI specification is there"
        yield say.broken(what, f"{fix} && {_CONFIGURE}" if fix else _GUIDE)
    elif survey.engine.version:
        what = f"the container toolkit {survey.lending.toolkit} is installed, and Docker does not know it"
        yield say.broken(what, _CONFIGURE)


def _stale(specification: Specification, survey: Survey) -> bool:
    versions = (specification.driver, survey.driver.module)
    return all(versions) and versions[0] != versions[1]


def _specification(say: Of, one: Specification, survey: Survey) -> Iterator[Observation]:
    if one.broken:
        yield say.broken(f"{one.path} is no CDI specification: {one.broken}", _GENERATE)
    elif _stale(one, survey):
        what = f"{one.path} is for driver {one.driver}, and {survey.driver.module} is loaded"
        yield say.broken(what, _GENERATE)
    elif one.missing:
        more = f" and {len(one.missing) - 1} more" if len(one.missing) > 1 else ""
        what = f"{one.path} names {one.missing[0]}{more}, which this machine does not have"
        yield say.broken(what, _GENERATE)
    elif survey.engine.version and not survey.engine.cdi_folders:
        yield say.broken(f"{one.path} is there, and the engine does not read CDI specifications", _CDI)
    else:
        yield say.ok(f"--device nvidia.com/gpu=…, through {one.path} (CDI {one.version}): {_names(one)}")


def _names(specification: Specification) -> str:
    return ", ".join(specification.devices[:8]) or "no device"


def _toolkit(say: Of, survey: Survey, distribution: Distribution, *, runtime: bool) -> Iterator[Observation]:
    version = survey.lending.toolkit
    if is_number(version) and not at_least(version, programs.CONTAINER_TOOLKIT):
        what = f"the container toolkit {version} lets containers escape (CVE-2025-23266)"
        yield say.note(what, remedy("toolkit", distribution) or _GUIDE)
    if runtime and survey.engine.cgroup_driver == "systemd" and not survey.lending.links:
        what = "running containers lose their GPUs when systemd reloads: /dev/char has no links to them"
        yield say.note(what, _LINKS)
