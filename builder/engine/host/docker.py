"""Reads the engine and its builders through the docker command."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from builder.doctor.survey import Builder, Engine
from builder.engine.host.host import Host

_CONTAINERD = "io.containerd.snapshotter"


def read_engine(host: Host) -> Engine:
    """The engine that docker talks to now."""
    said = host.run("docker", "info", "--format", "json")
    if said is None:
        return Engine()
    info = _object(said.out)
    errors = info.get("ServerErrors") or ([said.error.strip()] if said.code else [])
    if errors or not info.get("ServerVersion"):
        return Engine(client=True, problem=str((errors or ["docker info says nothing"])[0]).strip())
    return Engine(
        client=True,
        version=_number(str(info["ServerVersion"])),
        system=str(info.get("OperatingSystem", "")),
        runtimes=tuple(sorted(info.get("Runtimes") or ())),
        cdi_folders=tuple(info.get("CDISpecDirs") or ()),
        cgroup_driver=str(info.get("CgroupDriver", "")),
        containerd_store=_CONTAINERD in json.dumps(info.get("DriverStatus")),
        root=str(info.get("DockerRootDir", "")),
    )


def read_buildx(host: Host) -> str:
    """Buildx' version; empty where docker has none."""
    said = host.run("docker", "buildx", "version")
    return _number(said.out) if said and not said.code else ""


def read_builders(host: Host) -> tuple[Builder, ...]:
    """All builders, each with the platforms of its nodes."""
    said = host.run("docker", "buildx", "ls", "--format", "json")
    return tuple(_builders(said.out)) if said and not said.code else ()


def _builders(text: str) -> Iterator[Builder]:
    for line in text.splitlines():
        match _object(line):
            case {"Name": str(name), "Driver": str(driver), "Nodes": [*nodes]} as found:
                platforms = [platform for node in nodes for platform in node.get("Platforms") or ()]
                errors = [str(node["Err"]) for node in nodes if node.get("Err")]
                yield Builder(
                    name=name,
                    driver=driver,
                    platforms=tuple(dict.fromkeys(platforms)),
                    current=bool(found.get("Current")),
                    problem=errors[0] if errors else "",
                )


def _number(text: str) -> str:
    found = re.search(r"\d+(?:\.\d+)+", text)
    return found[0] if found else ""


def _object(text: str) -> Mapping[str, Any]:
    try:
        data = json.loads(text)
    except ValueError:
        return {}
    return data if isinstance(data, dict) else {}
