"""Registries on the internet, as their documentation records them.

Docker Hub: docs.docker.com (token server, rate limits). NGC: docs.nvidia.com/ngc (API keys, `$oauthtoken`).
GitHub: docs.github.com/packages (container registry). Azure: learn.microsoft.com/azure/container-registry.
Amazon: docs.aws.amazon.com/AmazonECR. Quay: docs.projectquay.io. Harbor: goharbor.io/docs.
"""

import base64
from collections.abc import Callable
from dataclasses import replace

import httpx
import pytest

from builder.model.descriptor import INDEX, MANIFEST, Descriptor
from builder.model.digest import Digest
from builder.model.reference import Reference, Repository
from builder.registry import (
    Credential,
    IdentityToken,
    Password,
    RateLimit,
    Registry,
    RegistryToken,
    UnauthorizedError,
    UnavailableError,
)
from tests.registry.recorded import Recorded, reply
from tests.servers.fixtures import QUICK
from tests.servers.images import canonical

CONTENT = canonical({"schemaVersion": 2, "mediaType": INDEX, "manifests": []})
DIGEST = Digest.of(CONTENT)
FOUND = Descriptor(INDEX, DIGEST, len(CONTENT))


def found() -> httpx.Response:
    return reply(200, CONTENT, content_type=INDEX, docker_content_digest=str(DIGEST), etag=f'"{DIGEST}"')


def client(transport: httpx.BaseTransport, credential: Credential | None = None) -> Registry:
    return Registry(replace(QUICK, transport=transport, credentials=lambda _: credential))


def challenge(text: str) -> Callable[[], httpx.Response]:
    return lambda: reply(
        401,
        {"errors": [{"code": "UNAUTHORIZED", "message": "authentication required"}]},
        www_authenticate=text,
    )


HUB = "https://registry-1.docker.io/v2/nvidia/cuda/manifests/13.0.2-base-ubuntu24.04"
HUB_TOKEN = "https://auth.docker.io/token?service=registry.docker.io&scope=repository:nvidia/cuda:pull"
HUB_CHALLENGE = challenge(
    'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",'
    'scope="repository:nvidia/cuda:pull"'
)


def test_docker_hub_anonymously() -> None:
    transport = Recorded(
        {
            f"HEAD {HUB}": [
                HUB_CHALLENGE,
                lambda: reply(
                    200,
                    content_type=INDEX,
                    content_length=str(len(CONTENT)),
                    docker_content_digest=str(DIGEST),
                    ratelimit_limit="100;w=21600",
                    ratelimit_remaining="76;w=21600",
                    docker_ratelimit_source="192.0.2.1",
                ),
            ],
            f"GET {HUB_TOKEN}": [
                lambda: reply(200, {"token": "aaa", "access_token": "aaa", "expires_in": 300})
            ],
        }
    )
    with client(transport) as registry:
        assert registry.resolve(Reference.parse("nvidia/cuda:13.0.2-base-ubuntu24.04")) == FOUND
        assert registry.rate_limits == {"docker.io": RateLimit(100, 76, 21600)}
    assert "authorization" not in transport.requests[1].headers
    assert transport.requests[2].headers["authorization"] == "Bearer aaa"


def test_docker_hub_says_401_for_private_and_missing_repositories() -> None:
    url = HUB.replace("nvidia", "acme")
    refused = challenge(
        'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",'
        'scope="repository:acme/cuda:pull",error="insufficient_scope"'
    )
    transport = Recorded(
        {
            f"HEAD {url}": [refused],
            f"GET {HUB_TOKEN.replace('nvidia', 'acme')}": [lambda: reply(200, {"token": "aaa"})],
        }
    )
    with (
        client(transport) as registry,
        pytest.raises(UnauthorizedError, match="does not exist, or") as caught,
    ):
        registry.resolve(Reference.parse("acme/cuda:13.0.2-base-ubuntu24.04"))
    assert caught.value.fix == "Run `docker login`."
    assert len(transport.requests) == 3


def test_docker_hub_limits_pulls_and_says_for_how_long() -> None:
    limited = reply(
        429,
        {
            "errors": [
                {
                    "code": "TOOMANYREQUESTS",
                    "message": "You have reached your unauthenticated pull rate limit.",
                }
            ]
        },
        retry_after="21600",
    )
    transport = Recorded({f"HEAD {HUB}": [lambda: limited]})
    with client(transport) as registry, pytest.raises(UnavailableError, match=r"pull rate limit.*21600 s"):
        registry.resolve(Reference.parse("nvidia/cuda:13.0.2-base-ubuntu24.04"))
    assert len(transport.requests) == 1


def test_a_short_retry_after_is_honoured() -> None:
    waited: list[float] = []
    transport = Recorded({f"HEAD {HUB}": [lambda: reply(429, retry_after="7"), found]})
    settings = replace(QUICK, transport=transport, sleep=waited.append)
    with Registry(settings) as registry:
        assert registry.resolve(Reference.parse("nvidia/cuda:13.0.2-base-ubuntu24.04")) == FOUND
    assert waited[0] == 7.0


NGC = "https://nvcr.io/v2/nvidia/pytorch/manifests/25.09-py3"
NGC_CHALLENGE = challenge('Bearer realm="https://nvcr.io/proxy_auth",scope="repository:nvidia/pytorch:pull"')


@pytest.mark.parametrize("credential", [None, Password("$oauthtoken", "nvapi-planted", "NGC_API_KEY")])
def test_ngc_with_and_without_a_key(credential: Password | None) -> None:
    account = "account=%24oauthtoken&" if credential else ""
    transport = Recorded(
        {
            f"HEAD {NGC}": [NGC_CHALLENGE, found],
            f"GET https://nvcr.io/proxy_auth?{account}scope=repository:nvidia/pytorch:pull": [
                lambda: reply(200, {"token": "bbb", "expires_in": 600})
            ],
        }
    )
    with client(transport, credential) as registry:
        assert registry.resolve(Reference.parse("nvcr.io/nvidia/pytorch:25.09-py3")) == FOUND
    sent = transport.requests[1].headers.get("authorization")
    expected = base64.b64encode(b"$oauthtoken:nvapi-planted").decode()
    assert sent == (f"Basic {expected}" if credential else None)


def test_a_head_without_a_digest_is_followed_by_a_get() -> None:
    transport = Recorded(
        {
            f"HEAD {NGC}": [lambda: reply(200, content_type=INDEX, content_length="10")],
            f"GET {NGC}": [lambda: reply(200, CONTENT, content_type=INDEX)],
        }
    )
    with client(transport) as registry:
        assert registry.resolve(Reference.parse("nvcr.io/nvidia/pytorch:25.09-py3")) == FOUND


@pytest.mark.parametrize("status", [405, 501])
def test_a_registry_without_head_is_asked_by_get(status: int) -> None:
    transport = Recorded({f"HEAD {NGC}": [lambda: reply(status)], f"GET {NGC}": [found]})
    with client(transport) as registry:
        assert registry.resolve(Reference.parse("nvcr.io/nvidia/pytorch:25.09-py3")) == FOUND


GITHUB = "https://ghcr.io/v2/acme/cuda/manifests/1"


def test_github_denies_the_token_of_a_package_that_is_not_there() -> None:
    transport = Recorded(
        {
            f"HEAD {GITHUB}": [
                challenge(
                    'Bearer realm="https://ghcr.io/token",service="ghcr.io",scope="repository:acme/cuda:pull"'
                )
            ],
            "GET *": [lambda: reply(403, {"errors": [{"code": "DENIED", "message": "denied"}]})],
        }
    )
    with client(transport) as registry, pytest.raises(UnauthorizedError, match="403") as caught:
        registry.resolve(Reference.parse("ghcr.io/acme/cuda:1"))
    assert "GITHUB_TOKEN" in caught.value.fix


def test_a_403_that_names_the_manifest_as_unknown_is_not_found() -> None:
    unknown = reply(403, {"errors": [{"code": "MANIFEST_UNKNOWN", "message": "manifest unknown"}]})
    transport = Recorded({f"HEAD {GITHUB}": [lambda: reply(403)], f"GET {GITHUB}": [lambda: unknown]})
    with client(transport) as registry:
        assert registry.resolve(Reference.parse("ghcr.io/acme/cuda:1")) is None


def test_any_other_403_is_could_not_tell() -> None:
    denied = reply(403, {"errors": [{"code": "DENIED", "message": "denied"}]})
    transport = Recorded({f"HEAD {GITHUB}": [lambda: reply(403)], f"GET {GITHUB}": [lambda: denied]})
    with client(transport) as registry, pytest.raises(UnauthorizedError, match="denied"):
        registry.resolve(Reference.parse("ghcr.io/acme/cuda:1"))


def test_azure_exchanges_a_refresh_token() -> None:
    url = "https://acme.azurecr.io/v2/cuda/manifests/1"
    transport = Recorded(
        {
            f"HEAD {url}": [
                challenge(
                    'Bearer realm="https://acme.azurecr.io/oauth2/token",service="acme.azurecr.io",'
                    'scope="repository:cuda:pull"'
                ),
                found,
            ],
            "POST https://acme.azurecr.io/oauth2/token": [lambda: reply(200, {"access_token": "ccc"})],
        }
    )
    with client(transport, IdentityToken("planted-refresh")) as registry:
        assert registry.resolve(Reference.parse("acme.azurecr.io/cuda:1")) == FOUND
    form = httpx.QueryParams(transport.requests[1].content.decode())
    assert form["grant_type"] == "refresh_token"
    assert form["refresh_token"] == "planted-refresh"
    assert form["scope"] == "repository:cuda:pull"


def test_amazon_takes_basic() -> None:
    url = "https://123456789012.dkr.ecr.us-east-1.amazonaws.com/v2/cuda/manifests/1"
    transport = Recorded(
        {
            f"HEAD {url}": [
                challenge(
                    'Basic realm="https://123456789012.dkr.ecr.us-east-1.amazonaws.com/",service="ecr"'
                ),
                found,
            ]
        }
    )
    with client(transport, Password("AWS", "planted")) as registry:
        reference = Reference.parse("123456789012.dkr.ecr.us-east-1.amazonaws.com/cuda:1")
        assert registry.resolve(reference) == FOUND


def test_a_registry_token_is_used_as_it_is() -> None:
    transport = Recorded({f"HEAD {GITHUB}": [challenge('Bearer realm="https://ghcr.io/token"'), found]})
    with client(transport, RegistryToken("ddd")) as registry:
        assert registry.resolve(Reference.parse("ghcr.io/acme/cuda:1")) == FOUND
    assert transport.requests[1].headers["authorization"] == "Bearer ddd"


@pytest.mark.parametrize(
    ("host", "realm"),
    [
        ("quay.io", "https://quay.io/v2/auth"),
        ("harbor.example.com", "https://harbor.example.com/service/token"),
        ("registry.gitlab.com", "https://gitlab.com/jwt/auth"),
    ],
)
def test_other_token_servers(host: str, realm: str) -> None:
    scope = "repository:acme/cuda:pull"
    transport = Recorded(
        {
            f"HEAD https://{host}/v2/acme/cuda/manifests/1": [
                challenge(f'Bearer realm="{realm}",service="{host}",scope="{scope}"'),
                found,
            ],
            f"GET {realm}?service={host}&scope={scope}": [lambda: reply(200, {"token": "eee"})],
        }
    )
    with client(transport) as registry:
        assert registry.resolve(Reference.parse(f"{host}/acme/cuda:1")) == FOUND


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


BLOB = Descriptor.of("application/octet-stream", b"content")
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
