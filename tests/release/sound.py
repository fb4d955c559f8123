"""Whether what a repository publishes is what was tested, read byte by byte."""

from collections.abc import Iterator, Sequence

from builder.model.digest import Digest
from builder.model.errors import BuilderError
from builder.model.reference import Repository
from builder.model.release import Candidate
from builder.registry import Registry


def wrong(registry: Registry, repository: Repository, tested: Sequence[Candidate]) -> list[str]:
    """What is missing, is something else than was tested, or has not the digest that it goes by."""
    return [line for target in tested for line in _target(registry, repository, target)]


def _target(registry: Registry, repository: Repository, target: Candidate) -> Iterator[str]:
    expected = {part.platform: part.staged for part in target.parts}
    for tag in (*target.tags, *target.rolling):
        try:
            found = {p: child.digest for p, child in registry.platforms(repository.tag(tag)).items()}
        except BuilderError as error:
            yield f"{tag}: {error}"
            continue
        if found != expected:
            yield f"{tag} has {found}, and {expected} was tested"
    for digest in filter(None, expected.values()):
        yield from _image(registry, repository, digest)


def _image(registry: Registry, repository: Repository, digest: Digest) -> Iterator[str]:
    """The client hashes whatever it reads."""
    try:
        manifest = registry.manifest(repository.at(digest))
    except BuilderError as error:
        yield f"{digest}: {error}"
        return
    for blob in (*((manifest.config,) if manifest.config else ()), *manifest.layers):
        try:
            registry.blob(repository, blob)
        except BuilderError as error:
            yield f"{digest}: {error}"
