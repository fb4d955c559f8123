"""Which GPUs and drivers an image must have been tested on, and whether receipts show it."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from fnmatch import fnmatchcase

from builder.facts import cuda, drivers, gpus
from builder.model.policy import Demand
from builder.model.receipt import Receipt


def resolve(demand: Demand, toolkit: str, today: date) -> Demand:
    """The demand with `oldest` and `newest` replaced by a driver branch, from the tables of facts.

    A branch counts while NVIDIA supports it, it runs the toolkit, and it has not dropped the GPU.

    Raises:
        ValueError: when no such branch is known.
    """
    if demand.driver not in ("oldest", "newest"):
        return demand
    known = sorted(_branches(demand, toolkit, today))
    if not known:
        raise ValueError(f"no supported driver branch is known that runs CUDA {toolkit} on {demand}")
    return replace(demand, driver=str(known[0] if demand.driver == "oldest" else known[-1]))


def met(demand: Demand, receipts: Iterable[Receipt]) -> bool:
    """Whether one of the receipts is from such a GPU with such a driver."""
    return any(_shows(receipt, demand) for receipt in receipts)


def _branches(demand: Demand, toolkit: str, today: date) -> Iterator[int]:
    release = cuda.release(toolkit)
    floor = drivers.branch_of(release.minor_driver) if release else 0
    seen = gpus.by_cc(demand.capability) if demand.capability else ()
    last = max((gpu.last_branch for gpu in seen if gpu.last_branch), default=None)
    for known in drivers.branches():
        supported = known.eol is None or known.eol >= today
        if supported and known.branch >= floor and (last is None or known.branch <= last):
            yield known.branch


def _shows(receipt: Receipt, demand: Demand) -> bool:
    names = receipt.host.get("gpu", "").split(", ")
    capabilities = receipt.host.get("capability", "").split(", ")
    driver = receipt.host.get("driver", "")
    return (
        any(fnmatchcase(name, demand.gpu or "*") for name in names)
        and (not demand.capability or demand.capability in capabilities)
        and f"{driver}.".startswith(f"{demand.driver}." if demand.driver else "")
    )
