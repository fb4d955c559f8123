"""doctor: looks at this machine, and into images on it."""

import os
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

from builder.doctor.check import check
from builder.doctor.observation import Job, Observation
from builder.doctor.survey import Login, Needs
from builder.engine.host.host import Host
from builder.engine.host.read import read_survey
from builder.model.cell import Level
from builder.model.errors import BuilderError
from builder.model.platform import Platform
from builder.model.reference import Repository
from builder.pipeline.inputs.project import Project, read
from builder.registry.auth.credentials import Credentials, EnvironmentCredentials
from builder.web.hosts import is_loopback


def examine_host(
    file: Path, today: date, host: Host | None = None, credentials: Credentials | None = None
) -> tuple[Observation, ...]:
    """Everything about this machine that the matrix in `file` needs, or any matrix where there is none."""
    project = read(file, today) if file.exists() else None
    credentials = credentials or EnvironmentCredentials()
    logins = tuple(_logins(_registries(project), credentials)) if project else ()
    return check(read_survey(host or Host(), today, logins), needs(project))


def needs(project: Project | None) -> Needs:
    """What a family asks for: its platforms; a GPU where one of its cells has to be tested on one."""
    if project is None:
        return Needs((str(Platform.parse(f"linux/{os.uname().machine}")),))
    cells = [cell for target in project.expansion.targets for cell in target.cells]
    return Needs(
        platforms=tuple(dict.fromkeys(str(cell.platform) for cell in cells)),
        gpu=any(cell.require is Level.GPU for cell in cells),
        torch=any(cell.torch for cell in cells),
        jobs=frozenset(Job),
    )


def _registries(project: Project) -> Iterable[str]:
    """Where the family is pushed to; whoever runs a registry on this machine needs no login for it."""
    matrix = project.matrix
    repositories = (matrix.staging, matrix.release, *matrix.copies)
    hosts = dict.fromkeys(Repository.parse(name).registry for name in repositories)
    return [host for host in hosts if not is_loopback(host)]


def _logins(registries: Iterable[str], credentials: Credentials) -> Iterator[Login]:
    for registry in registries:
        try:
            found = credentials(registry)
        except BuilderError as error:
            yield Login(registry, problem=str(error), fix=error.fix)
        else:
            yield Login(registry, origin=found.origin if found else "")
