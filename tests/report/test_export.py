"""What `export` writes is what the services ask for, and says what the facts say."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import kubernetes_validate
import pytest
import yaml

from builder.facts import gpus, hosts
from builder.matrix.machines.machine import Machine, of_size
from builder.matrix.machines.runs import Runs, runs
from builder.model.reference import Reference
from builder.report.export import azureml, devcontainer, kubernetes
from builder.report.export.image import Image
from tests.matrix.samples import targets

DIGEST = f"ghcr.io/acme/cuda@sha256:{'0' * 64}"
CUDA = {"cuda": "13.0.3", "os": "ubuntu24.04", "torch": "2.14.1"}
CPU = {"cuda": "cpu", "os": "debian13", "torch": "2.13.0"}


def image(**axes: str) -> Image:
    (target,) = targets(axes=axes)
    reference = Reference.parse(DIGEST)
    return Image(target.name, reference, ("tag-20261121",), date(2026, 11, 21), target.cells)


# Keys and names by https://learn.microsoft.com/azure/machine-learning/reference-yaml-environment
@pytest.mark.parametrize("axes", [CUDA, CPU])
def test_an_azure_ml_environment_names_the_image_by_digest(axes: dict[str, str]) -> None:
    (file,) = azureml.write(image(**axes))
    written = yaml.safe_load(file.text)
    assert set(written) == {"$schema", "name", "version", "image", "description", "os_type", "tags"}
    assert re.fullmatch(r"[a-zA-Z0-9][a-zA-Z0-9_-]{0,254}", written["name"])
    assert (written["image"], written["version"]) == (DIGEST, "20261121")
    assert all(isinstance(value, str) and len(value) <= 256 for value in written["tags"].values())
    assert written["tags"]["cuda"] == axes["cuda"]


def comments(**axes: str) -> tuple[str, str]:
    """The sizes that run an image, and those that do not, as written."""
    (file,) = azureml.write(image(**axes))
    text = file.text
    told = " ".join(line.removeprefix("#").strip() for line in text.splitlines() if line.startswith("#"))
    good, _, bad = told.partition("Does not run on these:")
    return good, bad


def test_every_size_of_azure_is_on_the_side_of_the_facts() -> None:
    good, bad = comments(**CUDA)
    cells = image(**CUDA).cells
    for host in hosts.hosts():
        if host.cloud == "azure":
            machine = of_size(host.id)
            fits = not machine.gone and any(isinstance(runs(cell, machine), Runs) for cell in cells)
            assert bool(re.search(rf"\b{host.size}\b(?!_)", good if fits else bad)), host.size
            assert not re.search(rf"\b{host.size}\b(?!_)", bad if fits else good), host.size


def test_sizes_that_do_not_run_it_come_with_the_reason() -> None:
    _, bad = comments(**CUDA)
    assert "CUDA 13.0 has dropped compute capability 7.0; 7.5 is its lowest: Standard_ND40rs_v2" in bad
    assert "it was retired on 2025-09-30: Standard_NC6s_v3" in bad


def test_an_image_without_cuda_runs_on_every_size() -> None:
    assert comments(**CPU) == ("Runs on every size: it uses no GPU.", "")


def pod_of(made: Image) -> dict[str, Any]:
    (file,) = kubernetes.write(made)
    pod = yaml.safe_load(file.text)
    assert isinstance(pod, dict)
    return pod


@pytest.mark.parametrize("axes", [CUDA, CPU])
def test_a_pod_is_valid_by_kubernetes_schema(axes: dict[str, str]) -> None:
    pod = pod_of(image(**axes))
    kubernetes_validate.validate(pod, kubernetes_validate.latest_version(), strict=True)
    (container,) = pod["spec"]["containers"]
    assert container["image"] == DIGEST
    gpu = {"nvidia.com/gpu": 1} if axes is CUDA else None
    assert container.get("resources", {}).get("limits") == gpu
    assert bool(pod["spec"].get("tolerations")) == (axes is CUDA)
    assert all(re.fullmatch(r"[A-Za-z0-9._-]{1,63}", label) for label in pod["metadata"]["labels"].values())


def nodes() -> Iterator[tuple[Machine, dict[str, str]]]:
    """Machines, and the labels that Kubernetes and GPU feature discovery give to nodes like them."""
    for gpu in gpus.gpus():
        for arch in gpu.arches:
            for branch in (470, 535, 580, 595):
                major, minor = gpu.cc.split(".")
                labels = {
                    "kubernetes.io/os": "linux",
                    "kubernetes.io/arch": arch,
                    "nvidia.com/gpu.compute.major": major,
                    "nvidia.com/gpu.compute.minor": minor,
                    "nvidia.com/cuda.driver-version.major": str(branch),
                }
                yield Machine(gpu.name, arch, gpu.name, gpu.cc, f"{branch}.999.1"), labels


def takes(pod: dict[str, Any], labels: dict[str, str]) -> bool:
    """Whether a scheduler would put the pod on a node: any of the terms, all the expressions of one."""
    spec = pod["spec"]
    affinity = spec["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]

    def holds(key: str, operator: str, values: list[str]) -> bool:
        value = labels.get(key, "")
        return value in values if operator == "In" else int(value) > int(values[0])

    terms = affinity["nodeSelectorTerms"]
    fits = any(all(holds(**expression) for expression in term["matchExpressions"]) for term in terms)
    return fits and spec["nodeSelector"].items() <= labels.items()


@pytest.mark.parametrize("axes", [CUDA, {**CUDA, "cuda": "12.6.3", "torch": "none"}])
def test_a_pod_goes_to_the_nodes_that_run_its_image(axes: dict[str, str]) -> None:
    made = image(**axes)
    pod = pod_of(made)
    wrong = [
        labels
        for machine, labels in nodes()
        if takes(pod, labels) != any(isinstance(runs(cell, machine), Runs) for cell in made.cells)
    ]
    assert wrong == []
    assert {takes(pod, labels) for _, labels in nodes()} == {True, False}


def test_a_pod_without_cuda_goes_to_any_node_of_its_architecture() -> None:
    pod = pod_of(image(**CPU))
    assert takes(pod, {"kubernetes.io/os": "linux", "kubernetes.io/arch": "arm64"})
    assert not takes(pod, {"kubernetes.io/os": "linux", "kubernetes.io/arch": "s390x"})


@pytest.mark.parametrize(
    ("axes", "proof"),
    [
        (CUDA, "torch.ones(8, device='cuda')"),
        (CPU, "torch.ones(8, device='cpu')"),
        ({**CUDA, "torch": "none"}, "nvidia-smi"),
        ({**CPU, "torch": "none", "python": "none"}, "uname"),
    ],
)
def test_a_pod_does_something_that_shows_what_it_runs_on(axes: dict[str, str], proof: str) -> None:
    (container,) = pod_of(image(**axes))["spec"]["containers"]
    # Not `command`, which would take the place of the image's entrypoint.
    assert "command" not in container
    assert proof in " ".join(container["args"])


def test_an_app_runs_its_own_command() -> None:
    (container,) = pod_of(replace(image(**CUDA), app="service"))["spec"]["containers"]
    assert not {"args", "command"} & container.keys()


@pytest.mark.parametrize(("axes", "needed"), [(CUDA, True), (CPU, False)])
def test_a_pod_says_whose_labels_it_needs(axes: dict[str, str], needed: bool) -> None:
    (file,) = kubernetes.write(image(**axes))
    assert ("GPU feature discovery" in file.text) == needed


def container_of(made: Image) -> tuple[dict[str, Any], str]:
    """A dev container, and the Dockerfile beside it."""
    file, *beside = devcontainer.write(made)
    # One folder each, as the specification has it.
    assert file.path == f"{made.name}/devcontainer.json"
    assert [other.path for other in beside] in ([], [f"{made.name}/Dockerfile"])
    return json.loads(file.text), "".join(other.text for other in beside)


@pytest.mark.parametrize("axes", [CUDA, CPU])
def test_a_dev_container_asks_for_a_gpu_where_there_is_cuda(axes: dict[str, str]) -> None:
    written, dockerfile = container_of(image(**axes))
    assert (written["build"], written["remoteUser"]) == ({"dockerfile": "Dockerfile"}, "cuda")
    assert dockerfile.startswith(f"FROM {DIGEST}\n")
    assert dockerfile.endswith("USER 1000:1000\n")
    assert written.get("hostRequirements") == ({"gpu": True} if axes is CUDA else None)


@pytest.mark.parametrize(("env", "folder"), [("pip", "/opt/venv"), ("conda", "/opt/conda")])
def test_a_dev_container_knows_its_environment(env: str, folder: str) -> None:
    written, dockerfile = container_of(image(cuda="cpu", os="debian13", torch="2.13.0", env=env))
    settings = written["customizations"]["vscode"]["settings"]
    assert settings == {"python.defaultInterpreterPath": f"{folder}/bin/python"}
    assert f"find {folder} " in dockerfile


def test_a_dev_container_without_python_is_the_image_itself() -> None:
    written, dockerfile = container_of(image(cuda="cpu", os="debian13", python="none"))
    assert (written["image"], dockerfile) == (DIGEST, "")
    assert not {"build", "customizations"} & written.keys()
