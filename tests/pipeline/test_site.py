"""What the place of a build gives to it, read from the environment."""

from pathlib import Path

import pytest

from builder.pipeline.inputs.site import site

PROXY = "http://proxy.example.com:3128"
LOCAL = "http://127.0.0.1:3128"


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    for kind in ("http", "https", "ftp", "all", "no"):
        for name in (f"{kind}_proxy", f"{kind}_proxy".upper()):
            monkeypatch.delenv(name, raising=False)
    monkeypatch.delenv("CIB_NETWORK", raising=False)


def test_steps_have_a_network_of_their_own_unless_told_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    assert site(()).network == ""
    monkeypatch.setenv("CIB_NETWORK", "host")
    assert site(()).network == "host"


def test_proxies_are_passed_on_by_the_names_they_have(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", PROXY)
    monkeypatch.setenv("NO_PROXY", "localhost,127.0.0.1")
    assert site(()).proxies == {"https_proxy": PROXY, "NO_PROXY": "localhost,127.0.0.1"}


def test_a_proxy_on_loopback_is_for_steps_on_the_hosts_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", LOCAL)
    assert site(()).proxies == {}
    monkeypatch.setenv("CIB_NETWORK", "host")
    assert site(()).proxies == {"http_proxy": LOCAL}
