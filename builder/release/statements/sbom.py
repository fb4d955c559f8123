"""Package lists that others made: SPDX 2.3 documents as JSON, bare or as the predicate of a statement."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

PREDICATE_TYPE = "https://spdx.dev/Document"


def packages(content: bytes) -> Mapping[str, str]:
    """The versions of packages by kind and name, as `deb libc6`; of several versions all are told.

    The kind is that of the package's URL (purl). Packages without one are what the list is about, such as the
    image itself, and are left out.

    Raises:
        ValueError: when it is no such document.
    """
    document = _document(json.loads(content))
    found: dict[str, set[str]] = {}
    for name, version in _versions(document):
        found.setdefault(name, set()).add(version)
    return {name: ", ".join(sorted(versions)) for name, versions in sorted(found.items())}


def _document(data: Any) -> Mapping[str, Any]:
    match data:
        case {"predicateType": str(kind), "predicate": dict(document)} if kind.startswith(PREDICATE_TYPE):
            return document
        case {"spdxVersion": str()}:
            return data  # type: ignore[no-any-return]
        case _:
            raise ValueError("it is no SPDX document")


def _versions(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    listed = document.get("packages")
    for package in listed if isinstance(listed, list) else ():
        match package:
            case {"name": str(name), "versionInfo": str(version), "externalRefs": list(references)}:
                if kind := _kind(references):
                    yield f"{kind} {name}", version


def _kind(references: list[Any]) -> str:
    """The type in the first purl: `pkg:deb/debian/libc6@2.36` is `deb`."""
    for reference in references:
        match reference:
            case {"referenceType": "purl", "referenceLocator": str(locator)}:
                return locator.removeprefix("pkg:").partition("/")[0]
    return ""
