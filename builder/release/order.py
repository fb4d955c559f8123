"""What a release is asked to do."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

from builder.model.digest import Digest
from builder.model.reference import Repository
from builder.model.release import Candidate
from builder.release.gate import Terms
from builder.release.signing.sign import Signer, Verifier


@dataclass(frozen=True, slots=True)
class Order:
    """What to release, where, and by which terms.

    `bases` are the digests that the lock has of each base, by its name. A `signer` signs the release; a
    `verifier` is for receipts, of which then only signed ones count.
    """

    candidates: tuple[Candidate, ...]
    destinations: tuple[Repository, ...]
    epoch: date
    terms: Terms
    bases: Mapping[str, tuple[Digest, ...]] = field(default_factory=lambda: MappingProxyType({}), hash=False)
    signer: Signer | None = None
    verifier: Verifier | None = None
