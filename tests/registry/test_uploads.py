"""Mounts and uploads, as the distribution specification has them."""

from builder.model.descriptor import Descriptor
from builder.model.reference import Repository
from builder.registry import Password
from tests.registry.dialects import BLOB, challenge, client
from tests.registry.recorded import Recorded, reply

UPLOADS = "https://quay.io/v2/acme/cuda/blobs/uploads/"


def test_a_mount_that_is_not_done_becomes_an_upload() -> None:
    source = "https://quay.io/v2/acme/staging/blobs"
    transport = Recorded(
        {
            f"POST {UPLOADS}?mount={BLOB.digest}&from=acme/staging": [
                lambda: reply(202, location="/upload/1?x=y")
            ],
            f"HEAD https://quay.io/v2/acme/cuda/blobs/{BLOB.digest}": [lambda: reply(404)],
            f"GET {source}/{BLOB.digest}": [lambda: reply(200, b"content")],
            f"PUT https://quay.io/upload/1?x=y&digest={BLOB.digest}": [lambda: reply(201)],
        }
    )
    with client(transport) as registry:
        repositories = Repository.parse("quay.io/acme/staging"), Repository.parse("quay.io/acme/cuda")
        registry.copy_blob(*repositories, BLOB)
        assert registry.requests.blob_bytes == 7


def test_an_upload_goes_on_from_where_the_registry_says() -> None:
    content = bytes(3_000_000)
    blob = Descriptor.of("application/octet-stream", content)
    transport = Recorded(
        {
            f"HEAD https://quay.io/v2/acme/cuda/blobs/{blob.digest}": [lambda: reply(404)],
            f"POST {UPLOADS}": [lambda: reply(202, location="/upload/1")],
            "PATCH https://quay.io/upload/1": [
                lambda: reply(502),
                lambda: reply(202, location="/upload/2", range="0-2999999"),
            ],
            "GET https://quay.io/upload/1": [lambda: reply(204, location="/upload/1", range="0-999999")],
            f"PUT https://quay.io/upload/2?digest={blob.digest}": [lambda: reply(201)],
        }
    )
    with client(transport) as registry:
        registry.put_blob(Repository.parse("quay.io/acme/cuda"), content)
    whole, rest = (request for request in transport.requests if request.method == "PATCH")
    assert "content-range" not in whole.headers
    assert rest.headers["content-range"] == "1000000-2999999"
    assert len(rest.content) == 2_000_000


def test_an_upload_that_goes_on_elsewhere_gets_no_authorization() -> None:
    elsewhere = "https://uploads.example.net/1"
    transport = Recorded(
        {
            f"HEAD https://quay.io/v2/acme/cuda/blobs/{BLOB.digest}": [lambda: reply(404)],
            f"POST {UPLOADS}": [
                challenge('Basic realm="quay"'),
                lambda: reply(202, location=elsewhere),
            ],
            f"PUT {elsewhere}?digest={BLOB.digest}": [lambda: reply(201)],
        }
    )
    with client(transport, Password("me", "planted")) as registry:
        registry.put_blob(Repository.parse("quay.io/acme/cuda"), b"content")
    assert "authorization" in transport.requests[-2].headers
    assert "authorization" not in transport.requests[-1].headers


def test_an_upload_that_arrived_damaged_begins_anew() -> None:
    damaged = {"errors": [{"code": "DIGEST_INVALID", "message": "provided digest did not match"}]}
    transport = Recorded(
        {
            f"HEAD https://quay.io/v2/acme/cuda/blobs/{BLOB.digest}": [lambda: reply(404)],
            f"POST {UPLOADS}": [
                lambda: reply(202, location="/upload/1"),
                lambda: reply(202, location="/upload/2"),
            ],
            f"PUT https://quay.io/upload/1?digest={BLOB.digest}": [lambda: reply(400, damaged)],
            f"PUT https://quay.io/upload/2?digest={BLOB.digest}": [lambda: reply(201)],
        }
    )
    with client(transport) as registry:
        registry.put_blob(Repository.parse("quay.io/acme/cuda"), b"content")
    assert [line.split()[0] for line in transport.asked()] == ["HEAD", "POST", "PUT", "HEAD", "POST", "PUT"]
