"""Which request meets which fault: the same seed gives the same faults, whatever the threads do."""

import random
import re
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from threading import Lock

WRITES = frozenset({"PUT", "POST", "PATCH", "DELETE"})
_UPLOAD = re.compile(r"/blobs/uploads/[^?]+.*")
_ADDRESSED = re.compile(r"/manifests/|/blobs/sha256:")


class Fault(StrEnum):
    """What can happen to a request."""

    LIMIT = "429 with Retry-After"
    TROUBLE = "500"
    CUT = "the connection breaks in the middle of the body"
    LOST = "it is done, but the answer gets lost"
    WRONG = "a changed byte, or another digest in the headers"
    DRIP = "the answer comes byte by byte"
    LATE = "what was just pushed is not found for a while"


@dataclass(slots=True)
class Faults:
    """A share `rate` (0 to 1) of all requests meets one of `kinds`, chosen by `seed`."""

    rate: float = 0.0
    seed: int = 0
    kinds: tuple[Fault, ...] = tuple(Fault)
    _seen: Counter[tuple[str, str]] = field(default_factory=Counter)
    _lock: Lock = field(default_factory=Lock)

    def choose(self, method: str, path: str) -> tuple[Fault | None, random.Random]:
        """The fault of this request, if any, and the dice for its details.

        The n-th time that a method meets a path decides, not the order in which threads come by.
        """
        path = _UPLOAD.sub("/blobs/uploads/", path)
        with self._lock:
            self._seen[method, path] += 1
            dice = random.Random(f"{self.seed} {method} {path} {self._seen[method, path]}")
        if dice.random() >= self.rate:
            return None, dice
        kinds = [kind for kind in self.kinds if _applies(kind, method, path)]
        return (dice.choice(kinds) if kinds else None), dice


def _applies(kind: Fault, method: str, path: str) -> bool:
    match kind:
        case Fault.WRONG:
            # Elsewhere nothing could tell a client: lists carry no digest.
            return method in {"GET", "HEAD", "PUT"} and bool(_ADDRESSED.search(path))
        case Fault.LATE:
            return method == "PUT"
        case _:
            return True
