"""The family as plain data, for programs."""

from collections.abc import Mapping
from typing import Any

from builder.model.digest import Digest
from builder.model.receipt import Receipt
from builder.report.family import words
from builder.report.family.saved import saved, uses
from builder.report.family.values import Family, Image, Member, Point, Release


def data(family: Family) -> dict[str, Any]:
    """What `--format json` and the site's `family.json` hold. Sizes are bytes, times seconds, days ISO.

    `built` and `tested` are seconds, null where nobody knows. `saved` is what images have in common.
    """
    used = uses(family)
    return {
        "repository": str(family.repository),
        "generated": f"{family.now:%Y-%m-%dT%H:%M:%SZ}",
        "bytes": {"pulled": family.pulled, "stored": family.stored, "saved": family.saved},
        "members": [_member(member, family, used) for member in family.members],
        "releases": [_release(release) for release in family.releases],
        "gaps": list(family.gaps),
        "notes": list(family.notes),
    }


def _member(member: Member, family: Family, used: Mapping[Digest, int]) -> dict[str, Any]:
    return {
        "name": member.name,
        "state": str(member.state),
        "reasons": list(member.reasons),
        "values": dict(member.values),
        "platforms": [str(platform) for platform in member.platforms],
        "tags": list(member.tags),
        "rolling": list(member.rolling),
        "digest": str(member.index or ""),
        "epoch": member.epoch.isoformat() if member.epoch else "",
        "driver": words.driver(member),
        "gpus": words.gpus(member),
        "run": words.run_line(member, family.repository) if member.index else "",
        "images": [_image(image, used) for image in member.images],
        "lost": [str(platform) for platform in member.lost],
        "history": [_point(point) for point in member.history],
    }


def _image(image: Image, used: Mapping[Digest, int]) -> dict[str, Any]:
    return {
        "platform": str(image.platform),
        "digest": str(image.digest),
        "size": image.size,
        "unpacked": image.unpacked,
        "saved": saved(image, used),
        "built": image.built,
        "parts": dict(image.parts),
        "packages": dict(image.packages),
        "tests": [_test(receipt) for receipt in image.receipts],
    }


def _test(receipt: Receipt) -> dict[str, Any]:
    return {
        "level": str(receipt.level),
        "passed": receipt.passed,
        "when": f"{receipt.when:%Y-%m-%dT%H:%M:%SZ}",
        "host": dict(receipt.host),
        "checks": [
            {"id": check.id, "status": str(check.status), "seconds": check.milliseconds / 1000}
            for check in receipt.checks
        ],
    }


def _point(point: Point) -> dict[str, Any]:
    def by_name(values: Mapping[Any, float]) -> dict[str, float]:
        return {str(platform): value for platform, value in values.items()}

    return {
        "release": point.release,
        "sizes": by_name(point.sizes),
        "built": by_name(point.built),
        "tested": by_name(point.tested),
    }


def _release(release: Release) -> dict[str, Any]:
    return {
        "name": release.name,
        "day": release.day.isoformat(),
        "targets": release.targets,
        "images": release.images,
        "size": release.size,
        "built": release.built,
        "tested": release.tested,
        "rollback": release.rollback,
        "changes": [
            {"target": change.target, "kind": change.kind, "why": list(change.why)}
            for change in release.changes
        ],
    }
