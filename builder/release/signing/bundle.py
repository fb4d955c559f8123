"""Sigstore bundles: signed in-toto statements, and the artifacts that attach them to what they are about."""

import base64
import json
from collections.abc import Iterable

from builder.bake.recipe import canonical
from builder.model.descriptor import EMPTY, MANIFEST, Descriptor
from builder.model.digest import Digest

BUNDLE = "application/vnd.dev.sigstore.bundle.v0.3+json"
# A statement as it is, signed by nobody, and the annotation that says what it claims.
STATEMENT = "application/vnd.in-toto+json"
KIND = "in-toto.io/predicate-type"
# What `cosign sign` writes, and `cosign verify` looks for.
SIGNATURE = "https://sigstore.dev/cosign/sign/v1"
PREDICATE = "dev.sigstore.bundle.predicateType"
_CONTENT = "dev.sigstore.bundle.content"


def signature(subjects: Iterable[Digest]) -> bytes:
    """The statement that says no more than whose these digests are."""
    return canonical(
        {
            "_type": "https://in-toto.io/Statement/v1",
            "subject": [{"digest": {digest.algorithm: digest.hex}} for digest in subjects],
            "predicateType": SIGNATURE,
            "predicate": {},
        }
    )


def artifact(subject: Descriptor, bundle: bytes) -> bytes:
    """The manifest that attaches a bundle to what it is about, as cosign attaches it."""
    return canonical(
        {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "artifactType": BUNDLE,
            "config": Descriptor.of(EMPTY, b"{}").json(),
            "layers": [Descriptor.of(BUNDLE, bundle).json()],
            "subject": Descriptor(subject.media_type, subject.digest, subject.size).json(),
            "annotations": {_CONTENT: "dsse-envelope", PREDICATE: predicate_type(payload(bundle))},
        }
    )


def subjects(statement: bytes) -> frozenset[Digest]:
    """The digests that a statement is about.

    Raises:
        ValueError: when it is no statement.
    """
    try:
        listed = json.loads(statement)["subject"]
        sets = [subject["digest"].items() for subject in listed]
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("it is no in-toto statement") from error
    return frozenset(Digest.parse(f"{algorithm}:{value}") for digests in sets for algorithm, value in digests)


def predicate_type(statement: bytes) -> str:
    """What kind of claim a statement makes.

    Raises:
        ValueError: when it is no statement.
    """
    match json.loads(statement):
        case {"predicateType": str(name)}:
            return name
        case _:
            raise ValueError("it is no in-toto statement")


def payload(bundle: bytes) -> bytes:
    """The statement in a bundle, whoever signed it.

    Raises:
        ValueError: when it is no bundle with a statement.
    """
    match json.loads(bundle):
        case {"dsseEnvelope": {"payload": str(text), "payloadType": kind}} if kind == STATEMENT:
            return base64.b64decode(text, validate=True)
        case _:
            raise ValueError("it is no sigstore bundle with a statement")
