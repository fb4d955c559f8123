"""Tags of nvidia/cuda."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from raw_facts.read import REMARK, RawError, Row, doubted, trim

_CUDNN = "cudnn (read from the ubuntu24.04 Dockerfile of the same version)"
_REMARKS = {
    "platforms": ["arches"],
    _CUDNN: ["cudnn"],
    f"platforms, {_CUDNN}": ["arches", "cudnn"],
    "platforms, cudnn": ["arches", "cudnn"],
}
# Listed in both of NVIDIA's documents, the supported and the unsupported tags.
_BOTH = "supported+eol_listed"
_STATUS = {_BOTH: "eol", "eol_listed": "eol", "supported": "supported", "unlisted": "unlisted"}
_FLAVORS = ("base", "runtime", "devel")
_TAG = re.compile(r"(?P<cuda>\d+\.\d+\.\d+)-(?P<flavor>[a-z0-9-]+)-(?P<oses>\{.+\}|[a-z]+[\d.]+)(?:@.*)?")
_FULL_VERSION = re.compile(r"\d+\.\d+\.\d+")
_DOUBTFUL = re.compile(r"(?P<versions>[\d.|]+)-\*-\{(?P<oses>.+)\}")


def reshape(raw: Mapping[str, Any], overlay: Mapping[str, Any]) -> Row:
    """Listings by version and operating system, and what is known to be missing although it looks right.

    Tags of two-part versions, as `11.0-base-...`, were removed in 2022 and are left out.
    """
    full = [row for row in raw["tags"] if _FULL_VERSION.fullmatch(row["cuda"])]
    listings = [*map(_listing, full), *_observed(raw["observed_only"])]
    return {
        "repositories": sorted(raw["registry"].values()),
        "deprecated": overlay["deprecated"],
        "policy": overlay["policy"],
        "moved": overlay["moved"],
        "absent": [
            {"tag": row["pattern"], "why": overlay["absent"][row["pattern"]]}
            for row in raw["known_absent"]
            if row["pattern"] in overlay["absent"]
        ],
        "doubtful": list(_doubtful(raw["known_absent"])),
        "listings": sorted(
            listings, key=lambda row: ([int(part) for part in row["cuda"].split(".")], row["os"])
        ),
    }


def _listing(row: Row) -> Row:
    cudnn = row.get("cudnn")
    doubts = doubted(row, _REMARKS)
    return trim(
        {
            "cuda": row["cuda"],
            "os": row["os"],
            "status": "deleted" if "deleted" in row else _STATUS[row["status"]],
            "flavors": row["flavors"],
            "arches": row["platforms"],
            "cudnn_arches": row.get("cudnn_platforms"),
            "cudnn": cudnn if isinstance(cudnn, str) else None,
            "since": date.fromisoformat(row["first_listed"]) if "first_listed" in row else None,
            "src": row["src"],
            "unverified": sorted([*doubts, "status"]) if row["status"] == _BOTH else doubts,
        }
    )


def _observed(rows: list[Row]) -> Iterator[Row]:
    doubts: dict[tuple[str, str], dict[str, bool]] = defaultdict(dict)
    for row in rows:
        tag = _TAG.fullmatch(row["tag"])
        if tag is None:
            raise RawError(f"{row['tag']!r} is not <cuda>-<flavor>-<os>")
        for os in tag["oses"].strip("{}").split(","):
            flavors = doubts[tag["cuda"], os]
            flavors[tag["flavor"]] = flavors.get(tag["flavor"], True) and REMARK in row
    for (cuda, os), flavors in doubts.items():
        in_order = sorted(flavors, key=lambda flavor: (flavor not in _FLAVORS, flavor))
        yield trim(
            {
                "cuda": cuda,
                "os": os,
                "status": "observed",
                "flavors": in_order,
                "unverified_flavors": [flavor for flavor in in_order if flavors[flavor]],
                "src": "observed",
                "unverified": ["arches", "flavors"],
            }
        )


def _doubtful(rows: list[Row]) -> Iterator[Row]:
    for row in rows:
        if REMARK not in row:
            continue
        pattern = _DOUBTFUL.fullmatch(row["pattern"])
        if pattern is None:
            raise RawError(f"{row['pattern']!r} is not <cuda>|<cuda>-*-{{<os>,<os>}}")
        for cuda in pattern["versions"].split("|"):
            for os in pattern["oses"].split(","):
                yield {"cuda": cuda, "os": os}
