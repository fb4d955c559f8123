"""What steps of a build fetch by name and hash from where the site says that it is."""

from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from builder.model.digest import Digest
from tests.bake.programs import program
from tests.servers.files import file_server

NAME = "20251101/cpython+20251101.tar.gz"
CONTENT = b"an archive"
HASH = Digest.of(CONTENT).hex


@pytest.fixture
def fetcher(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    return program("fetch", monkeypatch)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    file = tmp_path / "mirror" / NAME
    file.parent.mkdir(parents=True)
    file.write_bytes(CONTENT)
    return tmp_path / "mirror"


@pytest.fixture
def address(folder: Path) -> Iterator[str]:
    with file_server(folder) as address:
        yield address


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    (tmp_path / "cache").mkdir()
    return tmp_path / "cache"


def test_a_file_comes_from_another_host_once(
    fetcher: ModuleType, folder: Path, address: str, cache: Path
) -> None:
    file = fetcher.fetch(f"{address}/{NAME}", NAME, HASH, cache)
    assert file.read_bytes() == CONTENT
    (folder / NAME).unlink()
    assert fetcher.fetch(f"{address}/{NAME}", NAME, HASH, cache) == file


def test_a_file_of_this_machine_is_taken_where_it_is(fetcher: ModuleType, folder: Path, cache: Path) -> None:
    assert fetcher.fetch((folder / NAME).as_uri(), NAME, HASH, cache) == folder / NAME
    assert list(cache.iterdir()) == []


def test_another_file_than_the_locked_one_is_refused_and_not_kept(
    fetcher: ModuleType, folder: Path, address: str, cache: Path
) -> None:
    for place in (address, folder.as_uri()):
        with pytest.raises(
            SystemExit, match=f"hash mismatch for {NAME.replace('+', '.')}: locked is sha256:0000"
        ):
            fetcher.fetch(f"{place}/{NAME}", NAME, "0" * 64, cache)
    assert list(cache.iterdir()) == []
    assert (folder / NAME).exists()


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("", "127.0.0.1 answers 404"),
        ("http://127.0.0.1:9", "failed to do request"),
        ("file:///nowhere", "the site's folder does not have it"),
    ],
)
def test_a_file_that_is_not_there_is_named(
    fetcher: ModuleType, address: str, cache: Path, place: str, said: str
) -> None:
    with pytest.raises(SystemExit, match=f"20251101/other cannot be fetched: .*{said}"):
        fetcher.fetch(f"{place or address}/20251101/other", "20251101/other", HASH, cache)
    assert list(cache.iterdir()) == []
