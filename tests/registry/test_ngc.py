"""NGC, as docs.nvidia.com/ngc describes API keys and `$oauthtoken`; and registries whose HEAD is no use."""

import base64

import pytest

from builder.model.descriptor import INDEX
from builder.model.reference import Reference
from builder.registry import Password
from tests.registry.dialects import CONTENT, FOUND, challenge, client, found
from tests.registry.recorded import Recorded, reply

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
