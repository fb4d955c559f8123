"""The container engine, Buildx and its builders."""

from collections.abc import Iterator

from builder.doctor.observation import Job, Observation, Part, of
from builder.doctor.survey import Builder, Needs, Survey
from builder.facts import programs
from builder.facts.remedies import Distribution, remedy
from builder.facts.version import at_least, is_number

_JOBS = (Job.BAKE, Job.SMOKE)
_STORE = (
    'Set {"features": {"containerd-snapshotter": true}} in /etc/docker/daemon.json and restart Docker, '
    "or: docker buildx create --use --driver docker-container"
)
_DOCKER = "Install Docker as its documentation says, or run `scripts/engine up`."


def check_engine(survey: Survey, distribution: Distribution) -> Iterator[Observation]:
    """Whether docker is there and answers."""
    say = of(Part.ENGINE, _JOBS)
    engine = survey.engine
    if not engine.client:
        yield say.broken("there is no docker command", remedy("engine", distribution) or _DOCKER)
    elif engine.problem:
        yield say.broken(f"no engine answers: {engine.problem}", _start(engine.problem))
    elif is_number(engine.version) and not at_least(engine.version, programs.ENGINE):
        what = f"engine {engine.version} is older than {programs.ENGINE}: no CDI, no containerd store"
        yield say.note(what, remedy("engine", distribution) or _DOCKER)
    else:
        yield say.ok(f"engine {engine.version} on {engine.system}, runtimes {', '.join(engine.runtimes)}")


def check_builders(survey: Survey, needs: Needs, distribution: Distribution) -> Iterator[Observation]:
    """Whether Buildx is new enough, and the builder in use can build every platform."""
    if not survey.engine.client:
        return
    say = of(Part.BUILDER, [Job.BAKE])
    if not survey.buildx:
        yield say.broken("docker has no Buildx", remedy("buildx", distribution) or _DOCKER)
        return
    if is_number(survey.buildx) and not at_least(survey.buildx, programs.BUILDX):
        what = f"Buildx {survey.buildx} is older than {programs.BUILDX}"
        yield say.broken(what, remedy("buildx", distribution) or _DOCKER)
        return
    builder = next((builder for builder in survey.builders if builder.current), None)
    if not survey.engine.version or builder is None:
        return
    if builder.problem:
        fix = f"docker buildx inspect --bootstrap {builder.name}"
        yield say.broken(f"builder {builder.name} does not answer: {builder.problem}", fix)
        return
    yield say.ok(f"Buildx {survey.buildx}, builder {builder.name} ({builder.driver}): {_platforms(builder)}")
    if missing := [name for name in needs.platforms if name not in builder.platforms]:
        arches = ",".join(name.partition("/")[2] for name in missing)
        what = f"builder {builder.name} cannot build {', '.join(missing)}"
        fix = f"docker run --privileged --rm tonistiigi/binfmt --install {arches}"
        yield say.broken(what, f"{fix}, or add a node: docker buildx create --append")
    if builder.driver == "docker" and not survey.engine.containerd_store and len(needs.platforms) > 1:
        yield say.broken("the engine's own image store cannot hold images of several platforms", _STORE)


def _platforms(builder: Builder) -> str:
    """Without the variants of one architecture, such as linux/amd64/v2."""
    plain = [name for name in builder.platforms if name.count("/") == 1]
    return ", ".join(plain or builder.platforms)


def _start(problem: str) -> str:
    if "permission denied" in problem:
        return "sudo usermod -aG docker $USER, then log in again"
    return 'sudo systemctl start docker, or scripts/engine up && eval "$(scripts/engine env)"'
