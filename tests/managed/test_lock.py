"""Locking archives of Python by what uv knows and releases say, and what cannot be locked."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest

from builder.engine.pythons import MIRROR
from builder.matrix.changes import changes
from builder.matrix.expansion.managed import MACHINES, managed
from builder.matrix.lock import Lock, dump, parse
from builder.model.cell import Cell
from builder.model.errors import BuilderError, ExitCode
from builder.pipeline.lock import Needs, lock
from builder.registry import Registry
from tests.managed.conftest import KNOWN
from tests.managed.releases import Releases
from tests.matrix.samples import cells
from tests.servers.files import file_server

TODAY, LATER = date(2026, 11, 21), date(2026, 11, 28)


@pytest.fixture
def releases(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Releases:
    made = Releases(tmp_path / "releases")
    for machine in MACHINES:
        made.add("3.13.4", "20251101", machine, machine.encode())
        made.add("3.13.3", "20251001", machine)
        made.add("3.14.0a1", "20251101", machine)
    monkeypatch.setenv(KNOWN, made.known.as_uri())
    monkeypatch.setenv(MIRROR, str(made.folder))
    return made


def _cells(python: str = "3.13", **axes: object) -> Sequence[Cell]:
    return cells(axes={"cuda": "cpu", "os": "debian12", "env": "uv", "python": python, **axes})


def _locked(*wanted: Cell, before: Lock | None = None, update: bool = False, today: date = TODAY) -> Lock:
    asked = {found.id: cell for cell in wanted if (found := managed(cell))}
    with Registry() as registry:
        return lock(registry, Needs({}, {}, pythons=asked), before, update=update, today=today)


def _refused(*wanted: Cell) -> BuilderError:
    with pytest.raises(BuilderError) as caught:
        _locked(*wanted)
    return caught.value


def test_the_newest_release_is_locked_for_every_machine_with_its_hash(releases: Releases) -> None:
    found = _locked(*_cells())
    assert parse(dump(found).encode(), "matrix.lock") == found
    (archives,) = found.pythons.values()
    assert [(one.name, one.version) for one in archives] == [
        ("cpython-aarch64", "3.13.4+20251101"),
        ("cpython-x86_64", "3.13.4+20251101"),
    ]
    for one in archives:
        assert one.digest.matches((releases.folder / one.path).read_bytes())


def test_one_platform_and_both_lock_the_same(releases: Releases) -> None:
    assert _locked(*_cells(platform="linux/arm64")) == _locked(*_cells())


def test_releases_may_be_on_another_host(releases: Releases, monkeypatch: pytest.MonkeyPatch) -> None:
    before = _locked(*_cells())
    with file_server(releases.folder) as address:
        monkeypatch.setenv(MIRROR, f"{address}/")
        assert _locked(*_cells()) == before


@pytest.mark.parametrize("python", ["3.10", "3.12", "3.14"])
def test_what_uv_itself_knows_can_be_locked(
    releases: Releases, monkeypatch: pytest.MonkeyPatch, python: str
) -> None:
    """Its own list names the release; that has other hashes here."""
    monkeypatch.delenv(KNOWN)
    error = _refused(*_cells(python))
    assert error.code is ExitCode.NOT_FOUND
    release = error.what.rsplit("/", 2)[1]
    for machine in MACHINES:
        for patch in range(40):
            releases.add(f"{python}.{patch}", release, machine)
    (archives,) = _locked(*_cells(python)).pythons.values()
    assert {one.version.rpartition(".")[0] for one in archives} == {python}
    assert {one.path.partition("/")[0] for one in archives} == {release}


def test_what_is_known_stays_until_an_update_is_asked_for(releases: Releases) -> None:
    before = _locked(*_cells())
    for machine in MACHINES:
        releases.add("3.13.5", "20251120", machine)
    assert _locked(*_cells(), before=before, today=LATER) == before
    after = _locked(*_cells(), before=before, update=True, today=LATER)
    assert after.epoch == LATER
    moved = [change for change in changes(before, after) if change.what != "epoch"]
    told = [(change.what, change.sets) for change in moved]
    assert told == [(f"cpython-{machine}", ("python 3.13",)) for machine in MACHINES]
    assert {change.after.split()[0] for change in moved} == {"3.13.5+20251120"}


@pytest.mark.parametrize("python", ["3.12", "3.14"])
def test_a_version_that_uv_does_not_know_is_refused_with_those_it_knows(
    releases: Releases, python: str
) -> None:
    """Of 3.14 there is an alpha only."""
    wanted = _cells(python)
    error = _refused(*wanted)
    assert error.code is ExitCode.INCOMPATIBLE
    assert f"uv knows no Python {python}" in error.what
    assert f"cpu-base-debian12-py{python}-uv" in error.what
    assert error.fix == "Choose 3.13, or update uv."
    assert error.where == wanted[0].where


def test_a_version_that_one_machine_lacks_is_refused(releases: Releases) -> None:
    releases.add("3.12.1", "20251101", "x86_64")
    assert "uv knows no Python 3.12" in _refused(*_cells("3.12")).what


def test_a_mirror_without_the_release_is_named(releases: Releases) -> None:
    (releases.folder / "20251101" / "SHA256SUMS").unlink()
    error = _refused(*_cells())
    assert error.code is ExitCode.NOT_FOUND
    assert f"there is no {releases.folder.as_uri()}/20251101/SHA256SUMS" in error.what
    assert MIRROR in error.fix


def test_a_release_that_says_nothing_of_an_archive_is_named(releases: Releases) -> None:
    sums = releases.folder / "20251101" / "SHA256SUMS"
    sums.write_text("\n".join(line for line in sums.read_text().splitlines() if "aarch64" not in line))
    error = _refused(*_cells())
    assert error.code is ExitCode.NOT_FOUND
    assert "SHA256SUMS of 20251101" in error.what
    assert "has no cpython-3.13.4+20251101-aarch64" in error.what


def test_a_mirror_that_cannot_be_asked(releases: Releases, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(MIRROR, "http://127.0.0.1:9")
    error = _refused(*_cells())
    assert error.code is ExitCode.UNAVAILABLE
    assert "http://127.0.0.1:9/20251101/SHA256SUMS cannot be read" in error.what


def test_a_list_of_uvs_that_cannot_be_read(releases: Releases) -> None:
    releases.known.write_text("{")
    error = _refused(*_cells())
    assert error.code is ExitCode.UNAVAILABLE
    assert "uv does not say which Pythons it manages" in error.what
