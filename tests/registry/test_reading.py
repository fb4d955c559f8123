"""Pages of tags, blobs in a storage of others, and referrers, as the distribution specification has them."""

from builder.model.descriptor import INDEX, MANIFEST, Descriptor
from builder.model.digest import Digest
from builder.model.reference import Repository
from tests.registry.dialects import BLOB, DIGEST, FOUND, HUB_CHALLENGE, client
from tests.registry.recorded import Recorded, reply


def test_tag_pages_follow_links() -> None:
    base = "https://quay.io/v2/acme/cuda/tags/list"
    transport = Recorded(
        {
            f"GET {base}?n=1000": [
                lambda: reply(
                    200, {"tags": ["a", "b"]}, link='</v2/acme/cuda/tags/list?n=2&last=b>; rel="next"'
                )
            ],
            f"GET {base}?n=2&last=b": [
                lambda: reply(200, {"tags": ["c"]}, link=f'<{base}?n=2&last=c>; rel="next"')
            ],
            f"GET {base}?n=2&last=c": [lambda: reply(200, {"name": "acme/cuda", "tags": None})],
        }
    )
    with client(transport) as registry:
        assert registry.tags(Repository.parse("quay.io/acme/cuda")) == ("a", "b", "c")


BLOB_URL = f"https://registry-1.docker.io/v2/acme/cuda/blobs/{BLOB.digest}"
STORAGE = "https://production.cloudflare.docker.com/registry-v2/blob?X-Amz-Signature=planted-signature"


def test_a_redirect_to_storage_carries_no_authorization() -> None:
    transport = Recorded(
        {
            f"GET {BLOB_URL}": [HUB_CHALLENGE, lambda: reply(307, location=STORAGE)],
            f"GET {STORAGE}": [lambda: reply(200, b"content")],
            "GET *": [lambda: reply(200, {"token": "aaa"})],
        }
    )
    with client(transport) as registry:
        assert registry.blob(Repository.parse("acme/cuda"), BLOB) == b"content"
    assert transport.requests[-2].headers["authorization"] == "Bearer aaa"
    assert "authorization" not in transport.requests[-1].headers


REFERRERS = f"https://quay.io/v2/acme/cuda/referrers/{DIGEST}"
RECEIPT = Descriptor(MANIFEST, Digest.of(b"receipt"), 7, artifact_type="application/x.receipt")
OTHER = Descriptor(MANIFEST, Digest.of(b"other"), 5, artifact_type="application/x.other")


def test_the_referrers_api_is_used_where_there_is_one() -> None:
    listed = {"schemaVersion": 2, "mediaType": INDEX, "manifests": [RECEIPT.json(), OTHER.json()]}
    transport = Recorded({"GET *": [lambda: reply(200, listed)]})
    with client(transport) as registry:
        repository = Repository.parse("quay.io/acme/cuda")
        assert registry.referrers(repository, DIGEST, "application/x.receipt") == (RECEIPT,)
        assert registry.referrers(repository, DIGEST) == (RECEIPT, OTHER)
    assert transport.asked() == [
        f"GET {REFERRERS}?artifactType=application%2Fx.receipt",
        f"GET {REFERRERS}",
    ]


def test_an_artifact_whose_subject_was_noted_needs_no_tag() -> None:
    transport = Recorded(
        {
            "HEAD *": [lambda: reply(200, content_length="1")],
            "PUT *": [lambda: reply(201, oci_subject=str(DIGEST))],
        }
    )
    with client(transport) as registry:
        attached = registry.attach(
            Repository.parse("quay.io/acme/cuda"), FOUND, "application/x.receipt", b"{}", "application/json"
        )
    assert [line.partition(" ")[0] for line in transport.asked()] == ["HEAD", "HEAD", "PUT"]
    assert attached.artifact_type == "application/x.receipt"


def test_an_unknown_repository_does_not_mean_that_there_is_no_referrers_api() -> None:
    unknown = {"errors": [{"code": "NAME_UNKNOWN", "message": "repository name not known to registry"}]}
    listed = {"schemaVersion": 2, "mediaType": INDEX, "manifests": [RECEIPT.json()]}
    transport = Recorded(
        {
            f"GET {REFERRERS}": [lambda: reply(404, unknown), lambda: reply(200, listed)],
            f"GET https://quay.io/v2/acme/cuda/manifests/sha256-{DIGEST.hex}": [lambda: reply(404, unknown)],
        }
    )
    with client(transport) as registry:
        repository = Repository.parse("quay.io/acme/cuda")
        assert registry.referrers(repository, DIGEST) == ()
        assert registry.referrers(repository, DIGEST) == (RECEIPT,)
