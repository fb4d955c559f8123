"""Signing keys of NVIDIA's package repositories."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from raw_facts.read import Row, doubted, trim

_REPO_REMARKS = {
    "arch dirs": ["arches"],
    "one script says 8793F200; cuda-keyring_1.1-1 is the documented way; arch dirs": ["arches", "key"],
    "key from one script; arch dirs": ["arches", "key"],
}
_KEY_REMARKS = {"one script": ["id"]}
_ARCHES = {"x86_64": "amd64", "sbsa": "arm64", "ppc64le": "ppc64le"}
_RETIRED = "retired "


def reshape(raw: Mapping[str, Any], overlay: Mapping[str, Any]) -> Row:
    """Keys in the order of the raw table, repositories by the operating system that they serve."""
    rotated = date.fromisoformat(raw["rotation"]["announced"])
    return {
        "folders": [
            {"arch": arch, "folder": folder}
            for arch, folder in sorted(raw["arch_dirs"].items())
            if arch != "jetson"
        ],
        "keys": [_key(row, raw["rotation"], rotated) for row in (*raw["keys"], *overlay["newer_keys"])],
        "repositories": [
            _repository(row, raw, overlay) for row in sorted(raw["os_map"], key=lambda row: row["os"])
        ],
    }


def _key(row: Row, rotation: Row, rotated: date) -> Row:
    new = {
        rotation[kind]["file"].removesuffix(".pub").upper(): rotation[kind] for kind in ("new_deb", "new_rpm")
    }
    old = rotation["old"] if row["status"].startswith(_RETIRED) else {}
    return trim(
        {
            "id": row["id"],
            "formats": row["kind"].split("+"),
            "since": rotated if row["id"] in new else None,
            "until": date.fromisoformat(row["status"].removeprefix(_RETIRED)) if old else None,
            "replaced_by": sorted(new) if old else None,
            "fingerprint": (old or new.get(row["id"], row)).get("fingerprint"),
            "sha256": row.get("sha256"),
            "unverified": doubted(row, _KEY_REMARKS),
        }
    )


def _repository(row: Row, raw: Mapping[str, Any], overlay: Mapping[str, Any]) -> Row:
    keyrings = [ring["deb"] for ring in raw["cuda_keyring"] if row["repo"] in ring.get("repos", ())]
    return trim(
        {
            "os": row["os"],
            "folder": row["repo"],
            "key": overlay["signed_by"].get(row["repo"], row["key"]).upper(),
            "arches": [_ARCHES[folder] for folder in row["arch"]],
            "keyring": max(keyrings, default=None),
            "first_cuda": overlay["first_cuda"].get(row["repo"]),
            "unverified": doubted(row, _REPO_REMARKS),
        }
    )
