"""doctor IMAGE: which layer broke between a container and CUDA."""

import os

from builder.doctor.image.diagnosis import Diagnosis, diagnose
from builder.doctor.image.evidence import Circumstances, Evidence, evidence
from builder.engine.client import connect
from builder.engine.examine import examine_container, examine_image
from builder.engine.gpus import detect, together
from builder.engine.host.driver import read_driver, read_wsl
from builder.engine.host.host import Host
from builder.engine.info import engine_info
from builder.model.platform import Platform
from builder.model.probe import GpuAccess, ProbeRun
from builder.smoke.probes.frames import frames
from builder.smoke.program import examination

_UNSEEN = 600


def examine(name: str, *, running: bool) -> Diagnosis:
    """Look into an image on this machine with all of its GPUs, or into a running container as it is."""
    docker = connect()
    gpus = detect(engine_info(docker))
    gpu = together(gpus) if gpus else None
    if running:
        run = examine_container(docker, name, program=examination())
    else:
        platform = Platform.parse(f"linux/{os.uname().machine}")
        run = examine_image(docker, name, platform, program=examination(), gpu=gpu)
    return diagnose(seen(run), around(Host(), gpu))


def seen(run: ProbeRun) -> Evidence:
    """What a run of the examination saw; its last words where it saw nothing."""
    results = list(frames(run.stdout))
    if results:
        return evidence(results)
    said = run.engine_error.strip() or run.stdout.decode("utf-8", "replace").strip()
    return Evidence(unseen=said[-_UNSEEN:] or f"it exited with {run.exit}", exit=run.exit)


def around(host: Host, gpu: GpuAccess | None) -> Circumstances:
    """The machine around the container, and how it lends its GPUs."""
    return Circumstances(
        driver=read_driver(host).module,
        path=str(gpu) if gpu else "",
        wsl=read_wsl(host) is not None,
    )
