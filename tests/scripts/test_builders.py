"""The scripts that make builders of several machines, in which each node is for its own architecture."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.scripts.conftest import SCRIPTS

pytestmark = pytest.mark.engine

# What Buildx asks of ssh, done on this machine: its host is not asked, but the engine that answers is real.
SSH = """#!/bin/sh
while [ "$1" != -- ]; do shift; done
shift 2
exec sh -c "$*"
"""
CLUSTER = {
    "apiVersion": "v1",
    "kind": "Config",
    "current-context": "here",
    "clusters": [{"name": "cluster", "cluster": {"server": "https://127.0.0.1:1"}}],
    "contexts": [{"name": "here", "context": {"cluster": "cluster", "user": "me"}}],
    "users": [{"name": "me", "user": {"token": "none"}}],
}


def create(folder: Path, script: str, *arguments: str, **environment: str) -> dict[str, dict[str, Any]]:
    """Run a script; returns the nodes of the builder that it made, by name, as Buildx keeps them."""
    ssh = folder / "bin/ssh"
    ssh.parent.mkdir()
    ssh.write_text(SSH)
    ssh.chmod(0o755)
    (folder / "kubeconfig").write_text(json.dumps(CLUSTER))
    mine = {
        "BUILDX_CONFIG": str(folder / "buildx"),
        "KUBECONFIG": str(folder / "kubeconfig"),
        "PATH": f"{ssh.parent}:{os.environ['PATH']}",
    }
    command = [str(SCRIPTS / "builders" / script), *arguments]
    done = subprocess.run(
        command, env=os.environ | mine | environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    kept = json.loads((folder / "buildx/instances" / arguments[0]).read_text())
    return {node["Name"]: node | {"Driver": kept["Driver"]} for node in kept["Nodes"]}


def architectures(node: dict[str, Any]) -> list[str]:
    return [platform["architecture"] for platform in node["Platforms"]]


def test_two_machines_over_ssh(tmp_path: Path) -> None:
    image = "127.0.0.1:1/moby/buildkit:1"
    nodes = create(tmp_path, "ssh", "family", "me@a", "me@b", BUILDKIT_IMAGE=image)
    assert {name: (node["Endpoint"], architectures(node)) for name, node in nodes.items()} == {
        "family-amd64": ("ssh://me@a", ["amd64"]),
        "family-arm64": ("ssh://me@b", ["arm64"]),
    }
    assert {node["Driver"] for node in nodes.values()} == {"docker-container"}
    assert {node["DriverOpts"]["image"] for node in nodes.values()} == {image}


def test_pods_for_each_architecture(tmp_path: Path) -> None:
    nodes = create(tmp_path, "kubernetes", "pods", "3", NAMESPACE="ci")
    assert {node["Driver"] for node in nodes.values()} == {"kubernetes"}
    for slug in ("amd64", "arm64"):
        node = nodes[f"pods-{slug}"]
        assert architectures(node) == [slug]
        assert node["DriverOpts"] == {
            "namespace": "ci",
            "nodeselector": f"kubernetes.io/arch={slug}",
            "replicas": "3",
        }


@pytest.mark.parametrize("script", ["ssh", "kubernetes"])
def test_without_arguments_they_say_how_to_be_called(script: str) -> None:
    done = subprocess.run([SCRIPTS / "builders" / script], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert f"builders/{script} NAME" in done.stderr
    assert "set -euo" not in done.stderr
