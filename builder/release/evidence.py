"""Fetches what the gate decides on, from a repository itself."""

import json
from collections.abc import Mapping

from builder.model.digest import Digest
from builder.model.receipt import Receipt
from builder.model.reference import Repository
from builder.registry.client import Registry
from builder.registry.manifest import Manifest
from builder.release.gate import Attested, Evidence
from builder.smoke import statement


def gather(registry: Registry, repository: Repository, digest: Digest) -> Evidence | None:
    """What a repository holds of a platform manifest; None when it has no such manifest."""
    manifest = registry.find_manifest(repository.at(digest))
    if manifest is None:
        return None
    config = registry.blob(repository, manifest.config) if manifest.config else b""
    receipts, unreadable = [], []
    for listed in registry.referrers(repository, digest, statement.ARTIFACT_TYPE):
        artifact = registry.manifest(repository.at(listed.digest))
        try:
            receipts.append(Attested(artifact, _receipt(registry, repository, artifact, digest)))
        except ValueError as error:
            unreadable.append(f"the artifact {listed.digest.short} poses as a receipt: {error}")
    return Evidence(manifest, config, _labels(config), tuple(receipts), tuple(unreadable))


def _receipt(registry: Registry, repository: Repository, artifact: Manifest, subject: Digest) -> Receipt:
    if artifact.subject is None or artifact.subject.digest != subject:
        raise ValueError("it refers to another image")
    if len(artifact.layers) != 1:
        raise ValueError("it does not have one payload")
    return statement.parse(registry.blob(repository, artifact.layers[0]))


def _labels(config: bytes) -> Mapping[str, str]:
    try:
        match json.loads(config):
            case {"config": {"Labels": dict(labels)}}:
                return {str(name): str(value) for name, value in labels.items()}
    except ValueError:
        pass
    return {}
