"""Pods, and the nodes that they run on.

Nodes are told apart by Kubernetes' own labels and by those of NVIDIA's GPU feature discovery, which comes
with NVIDIA's device plugin and GPU operator.
"""

from collections.abc import Iterator
from typing import Any

import yaml

from builder.facts import drivers, gpus
from builder.facts.version import parts
from builder.matrix.machines.machine import Machine
from builder.matrix.machines.needs import needs
from builder.matrix.machines.runs import Breaks, runs
from builder.model.cell import Cell
from builder.report.export.image import File, Image

GPU = "nvidia.com/gpu"
ARCH = "kubernetes.io/arch"
MAJOR = "nvidia.com/gpu.compute.major"
MINOR = "nvidia.com/gpu.compute.minor"
DRIVER = "nvidia.com/cuda.driver-version.major"
# The number of the user `cuda`: by its name alone a node cannot tell that it is not root.
_USER = 1000


_LABELS = """\
# Nodes are chosen by labels of NVIDIA's GPU feature discovery: in a cluster without it none takes this pod.
"""
_PROOF = """\
# `args` prove that the image works there, and end. Put your own in their place.
"""


def write(image: Image) -> tuple[File, ...]:
    """A pod that only nodes take which run the image: by architecture, and with CUDA by GPU and driver.

    It proves that it has what the image is for; an app runs its own command.
    """
    container: dict[str, Any] = {
        "name": "main",
        "image": str(image.reference),
        "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
    }
    spec: dict[str, Any] = {
        "restartPolicy": "Never",
        "securityContext": {"runAsNonRoot": True, "runAsUser": _USER, "runAsGroup": _USER},
        "nodeSelector": {"kubernetes.io/os": "linux"},
        "affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": _nodes(image)}},
        "containers": [container],
    }
    if not image.app:
        container["args"] = _proof(image)
    if image.uses_gpu:
        container["resources"] = {"limits": {GPU: 1}}
        spec["tolerations"] = [{"key": GPU, "operator": "Exists", "effect": "NoSchedule"}]
    labels = {f"app.kubernetes.io/{name}": value for name, value in _labels(image).items()}
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": image.name, "labels": labels},
        "spec": spec,
    }
    head = (_LABELS if image.uses_gpu else "") + ("" if image.app else _PROOF)
    return (File(f"{image.name}.yaml", head + yaml.dump(pod, Dumper=_Dumper, sort_keys=False)),)


def _proof(image: Image) -> list[str]:
    """What the image's entrypoint is given, or is run where it has none: fails without the GPU it is for."""
    device = "cuda" if image.uses_gpu else "cpu"
    if all(cell.torch for cell in image.cells):
        return ["python", "-c", f"import torch; print(torch.ones(8, device='{device}').sum().item())"]
    return ["nvidia-smi"] if image.uses_gpu else ["uname", "-a"]


class _Dumper(yaml.SafeDumper):
    """Repeats what stands in several places: people read it, and some tools know no anchors."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002
        return True


def _labels(image: Image) -> dict[str, str]:
    """Values of labels have at most 63 characters."""
    return {"name": image.name[:63].strip("-"), "version": f"{image.epoch:%Y%m%d}"}


def _nodes(image: Image) -> dict[str, Any]:
    terms = [term for cell in image.cells for term in _terms(cell)]
    return {"nodeSelectorTerms": [{"matchExpressions": term} for term in terms]}


def _terms(cell: Cell) -> Iterator[list[dict[str, Any]]]:
    """The kinds of nodes for a platform, any of which will do: one for each major compute capability."""
    arch = _is(ARCH, cell.platform.architecture)
    if not cell.cuda:
        yield [arch]
        return
    floor = needs(cell).min_driver
    driver = (
        [{"key": DRIVER, "operator": "Gt", "values": [str(drivers.branch_of(floor) - 1)]}] if floor else []
    )
    for major, minors in _capabilities(cell).items():
        yield [arch, _is(MAJOR, major), _is(MINOR, *minors), *driver]


def _capabilities(cell: Cell) -> dict[str, list[str]]:
    """The compute capabilities that the image runs on, as minors by their major."""
    arch = cell.platform.architecture
    known = sorted({gpu.cc for gpu in gpus.gpus() if arch in gpu.arches}, key=parts)
    found: dict[str, list[str]] = {}
    for cc in known:
        if not isinstance(runs(cell, Machine(cc, arch, cc, cc, None)), Breaks):
            major, _, minor = cc.partition(".")
            found.setdefault(major, []).append(minor)
    return found


def _is(key: str, *values: str) -> dict[str, Any]:
    return {"key": key, "operator": "In", "values": list(values)}
