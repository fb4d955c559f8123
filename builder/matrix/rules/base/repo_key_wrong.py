"""repo-key-wrong: a base that was made before NVIDIA changed the key of its package repository."""

from collections.abc import Iterator

from builder.facts import keys, tags
from builder.matrix.rules.rule import Context, Hit, Rule, group
from builder.model.cell import Cell
from builder.model.finding import Severity


def _check(context: Context) -> Iterator[Hit]:
    def old(cell: Cell) -> tuple[str, str] | None:
        listing = tags.listings().get((cell.cuda, cell.os))
        key = keys.signing(cell.os, context.today)
        if listing is None or listing.since is None or key is None or key.since is None:
            return None
        return (cell.cuda, cell.os) if listing.since < key.since <= context.today else None

    for (cuda, os), cells in group(context.upstream, old).items():
        listing, key = tags.listings()[cuda, os], keys.signing(os, context.today)
        before = keys.signing(os, listing.since) if listing.since else None
        if key is None or before is None:
            continue
        yield Hit(
            f"the images of CUDA {cuda} on {os} are of {listing.since}; its key for packages was {before.id} "
            f"then, and is {key.id} since {key.since}",
            "Choose a newer CUDA, or remove NVIDIA's package list from the base before installing.",
            context.place(cells[0], "cuda"),
            cells,
        )


RULE = Rule(
    "repo-key-wrong",
    Severity.WARNING,
    "The base may trust the key that NVIDIA's packages had before 2022-04-27, unless it was pushed again.",
    "`apt-get update` and `dnf` in it end with `GPG error: NO_PUBKEY` or `GPG check FAILED`.",
    "Choose a newer CUDA, or remove NVIDIA's package list from the base before installing.",
    _check,
)
