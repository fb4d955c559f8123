"""What the build's own installer fetches from where the site says that channels are."""

import importlib.util
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from types import ModuleType

import pytest

from builder.bake import context
from builder.engine.channels import ALIAS, alias_from_environment
from builder.model.digest import Digest
from tests.conda.channel import Channel


@pytest.fixture
def installer(tmp_path: Path) -> ModuleType:
    """The script with a cache of its own, and no folder of channels."""
    spec = importlib.util.spec_from_file_location("install_conda", context.path() / "install-conda.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.__dict__.update(CACHE=tmp_path, CHANNELS=tmp_path / "none")
    return module


@pytest.fixture
def channel(tmp_path: Path) -> Channel:
    made = Channel(tmp_path / "channels")
    made.add("noarch", "pip", "25.0", noarch="python")
    return made


@pytest.fixture
def address(channel: Channel) -> Iterator[str]:
    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(channel.folder)))
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


PATH = "conda-forge/noarch/pip-25.0-0.tar.bz2"


def test_a_package_comes_from_the_sites_place_once(
    installer: ModuleType, channel: Channel, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(ALIAS, address)
    content = (channel.folder / PATH).read_bytes()
    file = installer.fetch(PATH, Digest.of(content).hex)
    assert file.read_bytes() == content
    (channel.folder / PATH).unlink()
    assert installer.fetch(PATH, Digest.of(content).hex) == file


def test_another_file_than_the_locked_one_is_refused_and_not_kept(
    installer: ModuleType, address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(ALIAS, address)
    with pytest.raises(SystemExit, match=f"hash mismatch for {PATH}: locked is sha256:0000"):
        installer.fetch(PATH, "0" * 64)
    assert [file.name for file in tmp_path.iterdir()] == ["channels"]


@pytest.mark.parametrize(("alias", "said"), [("", "404"), ("http://127.0.0.1:9", "failed to do request")])
def test_a_package_that_is_not_there_is_named(
    installer: ModuleType, address: str, monkeypatch: pytest.MonkeyPatch, alias: str, said: str
) -> None:
    monkeypatch.setenv(ALIAS, alias or address)
    path = PATH.replace("25.0", "26.0")
    with pytest.raises(SystemExit, match=f"{path} cannot be fetched: .*{said}"):
        installer.fetch(path, "0" * 64)


def test_what_an_image_says_of_its_packages_is_where_conda_looks_by_name(installer: ModuleType) -> None:
    from rattler import Channel as Known

    assert installer.url_of(PATH) == f"{Known('conda-forge').base_url}noarch/pip-25.0-0.tar.bz2"
    assert installer.url_of(PATH, "https://conda.acme.internal") == f"https://conda.acme.internal/{PATH}"


@pytest.mark.parametrize(
    ("said", "means"),
    [("", ""), ("/srv/channels/", "file:///srv/channels"), ("https://x.acme/c/", "https://x.acme/c")],
)
def test_the_variable_may_name_a_folder_or_an_address(
    monkeypatch: pytest.MonkeyPatch, said: str, means: str
) -> None:
    monkeypatch.setenv(ALIAS, said)
    assert alias_from_environment() == means
