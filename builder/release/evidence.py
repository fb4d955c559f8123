"""Fetches what the gate decides on, from a repository itself."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from builder.model.digest import Digest
from builder.model.receipt import Receipt
from builder.model.reference import Repository
from builder.registry.client import Registry
from builder.registry.errors import NotFoundError
from builder.registry.manifest import Manifest
from builder.release.gate import Attested, Evidence
from builder.release.signing.bundle import BUNDLE, PREDICATE
from builder.release.signing.sign import Verifier
from builder.smoke import statement


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads evidence. With a verifier only signed receipts count; a failure counts without a signature."""

    registry: Registry
    verifier: Verifier | None = None

    def gather(self, repository: Repository, digest: Digest) -> Evidence | None:
        """What a repository holds of a platform manifest; None when it has no such manifest."""
        manifest = self.registry.find_manifest(repository.at(digest))
        if manifest is None:
            return None
        config = self._config(repository, manifest)
        receipts, unreadable, attached = [], [], []
        for artifact in self.attached(repository, digest):
            try:
                receipt = self._receipt(repository, artifact, digest)
            except (ValueError, NotFoundError) as error:
                unreadable.append(f"the artifact {artifact.digest.short} poses as a receipt: {error}")
                continue
            if receipt:
                receipts.append(Attested(artifact, receipt))
            else:
                attached.append(artifact)
        return Evidence(
            manifest, config, _labels(config), tuple(receipts), tuple(unreadable), tuple(attached)
        )

    def _config(self, repository: Repository, manifest: Manifest) -> bytes:
        """The image's config; nothing where the registry lost it."""
        try:
            return self.registry.blob(repository, manifest.config) if manifest.config else b""
        except NotFoundError:
            return b""

    def attached(self, repository: Repository, digest: Digest) -> Iterator[Manifest]:
        """The artifacts that refer to a manifest, less those that are listed and gone."""
        for listed in self.registry.referrers(repository, digest):
            if artifact := self.registry.find_manifest(repository.at(listed.digest)):
                yield artifact

    def _receipt(self, repository: Repository, artifact: Manifest, subject: Digest) -> Receipt | None:
        """The receipt that an artifact is; None where it does not say that it is one.

        Raises:
            ValueError: when it says so, and is none that counts.
        """
        signed = self.verifier is not None and _signed(artifact)
        if not signed and artifact.artifact_type != statement.ARTIFACT_TYPE:
            return None
        if artifact.subject is None or artifact.subject.digest != subject:
            raise ValueError("it refers to another image")
        if len(artifact.layers) != 1:
            raise ValueError("it does not have one payload")
        content = self.registry.blob(repository, artifact.layers[0])
        if self.verifier and signed:
            return statement.parse(self.verifier.statement(content))
        receipt = statement.parse(content)
        if self.verifier and receipt.passed:
            raise ValueError("it is not signed")
        return receipt


def _signed(artifact: Manifest) -> bool:
    """Whether an artifact is a signed receipt, by its own words."""
    kind = artifact.annotations.get(PREDICATE)
    return (artifact.artifact_type, kind) == (BUNDLE, statement.PREDICATE_TYPE)


def _labels(config: bytes) -> Mapping[str, str]:
    try:
        match json.loads(config):
            case {"config": {"Labels": dict(labels)}}:
                return {str(name): str(value) for name, value in labels.items()}
    except ValueError:
        pass
    return {}
