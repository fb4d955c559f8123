"""Room for images, and the right to push them."""

from collections.abc import Iterator

from builder.doctor.observation import Job, Observation, Part, of
from builder.doctor.survey import Needs, Survey

# One devel image with torch is 13 GB unpacked; a build holds it, its base and its wheels at the same time.
_TOO_LITTLE = 15 * 10**9
_LITTLE = 50 * 10**9
_PRUNE = "docker buildx prune --force && docker image prune --force"


def check_disk(survey: Survey) -> Iterator[Observation]:
    """Nothing where the engine is on another machine."""
    if survey.disk is None:
        return
    say = of(Part.DISK, (Job.BAKE, Job.SMOKE))
    room = f"{survey.disk.free / 1e9:.0f} of {survey.disk.total / 1e9:.0f} GB free at {survey.disk.path}"
    if survey.disk.free < _TOO_LITTLE:
        yield say.broken(f"{room}: a devel image with torch does not fit", _PRUNE)
    elif survey.disk.free < _LITTLE:
        yield say.note(f"{room}: little for a family of images", _PRUNE)
    else:
        yield say.ok(room)


def check_logins(survey: Survey, needs: Needs) -> Iterator[Observation]:
    """One observation a registry that the matrix pushes to."""
    say = of(Part.REGISTRY, needs.jobs - {Job.SMOKE})
    for login in survey.logins:
        if login.problem:
            yield say.broken(f"{login.registry}: {login.problem}", login.fix)
        elif login.origin:
            yield say.ok(f"{login.registry}: a login from {login.origin}")
        else:
            yield say.broken(f"{login.registry}: no login", f"docker login {login.registry}")
