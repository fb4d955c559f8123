"""Redirects and places of uploads that are not followed."""

import pytest

from builder.registry import RegistryError
from tests.registry.hostile.clients import BLOB, REPOSITORY, answering
from tests.registry.recorded import reply

REDIRECTS = {
    "a circle": ("https://registry.example.com/v2/again", "more than 5 times"),
    "plain http": ("http://registry.example.com/v2/x", "to http, which"),
    "cloud metadata": ("https://169.254.169.254/latest", "169.254.169.254"),
    "cloud metadata, mapped": ("https://[::ffff:169.254.169.254]/latest", "where no public registry is"),
    "this machine": ("https://127.0.0.1:8080/x", "where no public registry is"),
    "a file": ("file:///etc/passwd", "to file, which"),
    "no URL": ("https://\x7f/", "to nowhere"),
}


@pytest.mark.parametrize(("location", "message"), REDIRECTS.values(), ids=REDIRECTS.keys())
def test_redirects_that_are_not_followed(location: str, message: str) -> None:
    with answering(lambda: reply(307, location=location)) as registry:
        with pytest.raises(RegistryError, match=message):
            registry.blob(REPOSITORY, BLOB)
        with pytest.raises(RegistryError):
            registry.put_blob(REPOSITORY, b"content")
        assert registry.requests.total <= 14


def test_a_write_is_not_redirected_into_a_read() -> None:
    replies = (lambda: reply(404), lambda: reply(302, location="/elsewhere"))
    with answering(*replies) as registry, pytest.raises(RegistryError, match="a write as a read"):
        registry.put_blob(REPOSITORY, b"content")


def test_an_upload_is_not_sent_to_this_machine() -> None:
    replies = (lambda: reply(404), lambda: reply(202, location="https://localhost/upload"))
    with answering(*replies) as registry, pytest.raises(RegistryError, match="where no public registry is"):
        registry.put_blob(REPOSITORY, b"content")
