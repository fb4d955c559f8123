"""catalog: reads every release that a repository's records name, from the registry alone."""

from builder.model.cell import Level
from builder.model.digest import Digest
from builder.model.receipt import Receipt
from builder.model.reference import Repository
from builder.registry.client import Registry
from builder.registry.concurrency import map_concurrently
from builder.release.evidence import Reader
from builder.release.gate import Attested, Evidence
from builder.release.notes import EOL, GPUS, MIN_DRIVER
from builder.release.records.ledger import history
from builder.release.records.record import Entry
from builder.report.catalog import Catalog, Image, Listing


def catalog(registry: Registry, repository: Repository) -> Catalog:
    """Every release with the tags that point to it now; one that was deleted is a gap.

    Raises:
        BuilderError: (20 to 24) when the registry fails.
    """
    records = [filed.record for filed in history(registry, repository)]
    now = {tag: index.digest for tag, index in records[0].pointers.items()} if records else {}
    entries: dict[Digest, Entry] = {}
    for record in records:
        for entry in record.entries:
            entries.setdefault(entry.index.digest, entry)
    found = map_concurrently(lambda entry: _listing(registry, repository, entry, now), entries.values())
    listings = sorted(
        (it for it in found if isinstance(it, Listing)),
        key=lambda it: (not it.rolling, -it.epoch.toordinal(), it.target),
    )
    return Catalog(repository, tuple(listings), tuple(it for it in found if isinstance(it, str)))


def _listing(
    registry: Registry, repository: Repository, entry: Entry, now: dict[str, Digest]
) -> Listing | str:
    """The listing of an entry, or what the registry has lost of it."""
    index = registry.find_manifest(repository.at(entry.index.digest))
    seen = {p: Reader(registry).gather(repository, digest) for p, digest in entry.platforms.items()}
    whole = {platform: evidence for platform, evidence in seen.items() if evidence}
    if index is None or len(whole) < len(seen):
        return f"{entry.target} of {entry.epoch} ({entry.index.digest}) is no longer whole"
    told = index.annotations
    return Listing(
        target=entry.target,
        epoch=entry.epoch,
        index=entry.index.digest,
        tags=entry.tags,
        rolling=tuple(tag for tag, digest in now.items() if digest == index.digest and tag not in entry.tags),
        driver=told.get(MIN_DRIVER, ""),
        gpus=told.get(GPUS, "").replace(";", " "),
        eol=told.get(EOL, ""),
        images={platform: _image(evidence) for platform, evidence in sorted(whole.items())},
    )


def _image(evidence: Evidence) -> Image:
    manifest = evidence.manifest
    size = sum(layer.size for layer in manifest.layers)
    return Image(manifest.digest, size, max(_passed(evidence.receipts), key=_rank, default=None))


def _passed(receipts: tuple[Attested, ...]) -> list[Receipt]:
    return [attested.receipt for attested in receipts if attested.receipt.passed]


def _rank(receipt: Receipt) -> tuple[bool, str]:
    """One from a GPU before any other, then the newest."""
    return receipt.level is Level.GPU, receipt.when.isoformat()
