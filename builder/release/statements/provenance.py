"""How long a build took, told from its provenance: in-toto statements by SLSA 0.2 or 1.0."""

import json
from datetime import datetime
from typing import Any

_KIND = "https://slsa.dev/provenance/"


def is_provenance(kind: str) -> bool:
    """Whether a predicate type is that of provenance, of whatever version."""
    return kind.startswith(_KIND)


def build_seconds(statement: bytes) -> float | None:
    """The seconds from a build's start to its end; None where the statement does not tell them."""
    try:
        began, ended = _times(json.loads(statement))
        seconds = (datetime.fromisoformat(ended) - datetime.fromisoformat(began)).total_seconds()
    except (ValueError, TypeError, RecursionError):
        return None
    return seconds if seconds >= 0 else None


def _times(data: Any) -> tuple[str, str]:
    match data:
        case {"predicate": {"metadata": {"buildStartedOn": str(began), "buildFinishedOn": str(ended)}}}:
            return began, ended
        case {"predicate": {"runDetails": {"metadata": {"startedOn": str(began), "finishedOn": str(ended)}}}}:
            return began, ended
        case _:
            raise ValueError("it tells no times")
