"""Puts together what was read of a machine."""

import shutil
from datetime import date

from builder.doctor.survey import Disk, Login, Survey, System
from builder.engine.host.docker import read_builders, read_buildx, read_engine
from builder.engine.host.driver import read_driver, read_wsl
from builder.engine.host.emulation import read_emulators
from builder.engine.host.host import Host
from builder.engine.host.lending import read_lending


def read_survey(host: Host, on: date, logins: tuple[Login, ...] = ()) -> Survey:
    """Everything that can be read without changing anything."""
    system = read_system(host)
    engine = read_engine(host)
    return Survey(
        on=on,
        system=system,
        driver=read_driver(host),
        wsl=read_wsl(host),
        lending=read_lending(host, engine.cdi_folders),
        engine=engine,
        buildx=read_buildx(host) if engine.client else "",
        builders=read_builders(host) if engine.version else (),
        emulators=read_emulators(host),
        disk=read_disk(host, engine.root),
        logins=logins,
    )


def read_system(host: Host) -> System:
    """The distribution."""
    lines = (line.partition("=") for line in host.text("/etc/os-release").splitlines())
    release = {key.strip(): value.strip().strip("\"'") for key, equals, value in lines if equals}
    return System(
        id=release.get("ID", ""),
        version=release.get("VERSION_ID", ""),
        like=tuple(release.get("ID_LIKE", "").split()),
        machine=host.machine,
    )


def read_disk(host: Host, folder: str) -> Disk | None:
    """The file system of the engine's images, where the engine's folder is one of this machine."""
    if not folder or not host.has(folder):
        return None
    usage = shutil.disk_usage(host.path(folder))
    return Disk(folder, usage.free, usage.total)
