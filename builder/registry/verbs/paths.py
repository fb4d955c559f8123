"""Paths and scopes of the distribution API."""

from builder.model.digest import Digest
from builder.model.reference import Reference, Repository


def manifest_path(reference: Reference) -> str:
    """Where a manifest is: by digest when the reference has one."""
    return f"/v2/{reference.repository.path}/manifests/{reference.digest or reference.tag}"


def blob_path(repository: Repository, digest: Digest) -> str:
    """Where a blob is."""
    return f"/v2/{repository.path}/blobs/{digest}"


def pull(repository: Repository) -> tuple[str, ...]:
    """The scope of reading."""
    return (f"repository:{repository.path}:pull",)


def push(repository: Repository, source: Repository | None = None) -> tuple[str, ...]:
    """The scopes of writing, and of mounting from `source`. Push comes first: some servers read only that."""
    return (f"repository:{repository.path}:push,pull", *(pull(source) if source else ()))


def delete(repository: Repository) -> tuple[str, ...]:
    """The scope of deleting."""
    return (f"repository:{repository.path}:push,pull,delete",)
