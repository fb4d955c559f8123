"""Solving for both platforms against a channel on the file system, and what cannot be solved."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest

from builder.engine.channels import ALIAS
from builder.matrix.changes import changes
from builder.matrix.conda.environment import environment
from builder.matrix.lock import Lock, dump, parse
from builder.model.cell import Cell
from builder.model.errors import BuilderError, ExitCode
from builder.pipeline.lock import Needs, lock
from builder.registry import Registry
from tests.conda.channel import SUBDIRS, Channel
from tests.matrix.samples import cells

TODAY, LATER = date(2026, 11, 21), date(2026, 11, 28)
CUDA = {"cuda": "12.6.3", "torch": "2.7.1"}


@pytest.fixture
def channel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Channel:
    """Names of packages, with what a solver needs to know of them: torch for a CPU and for two of CUDA."""
    made = Channel(tmp_path / "channels")
    for subdir in SUBDIRS.values():
        made.add(subdir, "python", "3.12.8", depends=["__glibc >=2.17,<3.0.a0"])
        made.add(subdir, "numpy", "2.1.0", depends=["python >=3.12,<3.13.0a0"])
        made.add(subdir, "pytorch", "2.7.1", "cpu_generic_0", depends=["python >=3.12,<3.13.0a0"])
        for version in ("12.6", "12.9"):
            pin, build = f"cuda-version >={version},<13", f"cuda{version.replace('.', '')}_0"
            made.add(subdir, "pytorch", "2.7.1", build, depends=["python", pin, f"__cuda >={version}"])
    for version in ("12.6", "12.9", "13.0"):
        made.add("noarch", "cuda-version", version)
    made.add("noarch", "pip", "25.0", depends=["python >=3.9"], noarch="python")
    monkeypatch.setenv(ALIAS, str(made.folder))
    return made


def _cells(**axes: object) -> Sequence[Cell]:
    return cells(axes={"os": "ubuntu24.04", "env": "conda", **axes})


def _locked(*wanted: Cell, before: Lock | None = None, update: bool = False, today: date = TODAY) -> Lock:
    asked = {found.id: cell for cell in wanted if (found := environment(cell))}
    with Registry() as registry:
        return lock(registry, Needs({}, {}, conda=asked), before, update=update, today=today)


def test_each_platform_gets_files_of_its_own_and_cuda_the_cells(channel: Channel) -> None:
    found = _locked(*_cells(**CUDA))
    assert parse(dump(found).encode(), "matrix.lock") == found
    assert len(found.conda) == 2
    for name, packages in found.conda.items():
        subdir = SUBDIRS[name.partition(" ")[0]]
        paths = {one.name: one.path for one in packages}
        assert paths["pytorch"] == f"conda-forge/{subdir}/pytorch-2.7.1-cuda126_0.tar.bz2"
        assert paths["cuda-version"] == "conda-forge/noarch/cuda-version-12.6-0.tar.bz2"
        for one in packages:
            assert one.digest.matches((channel.folder / one.path).read_bytes())


def test_without_cuda_torch_is_the_build_for_the_cpu(channel: Channel) -> None:
    found = _locked(*_cells(cuda="cpu", torch="2.7.1"))
    builds = {one.path.rpartition("/")[2] for some in found.conda.values() for one in some}
    assert "pytorch-2.7.1-cpu_generic_0.tar.bz2" in builds
    assert not any("cuda" in build for build in builds)


def test_what_is_known_stays_until_an_update_is_asked_for(channel: Channel) -> None:
    (cell,) = _cells(cuda="cpu", platform="linux/amd64")
    before = _locked(cell)
    channel.add("noarch", "pip", "25.1", depends=["python >=3.9"], noarch="python")
    assert _locked(cell, before=before, today=LATER) == before
    after = _locked(cell, before=before, update=True, today=LATER)
    assert after.epoch == LATER
    (moved,) = (change for change in changes(before, after) if change.what != "epoch")
    assert (moved.before.split()[0], moved.after.split()[0]) == ("25.0", "25.1")


def _refused(*wanted: Cell) -> BuilderError:
    with pytest.raises(BuilderError) as caught:
        _locked(*wanted)
    return caught.value


def test_a_package_that_arm64_lacks_is_named_with_the_cell_and_its_line(channel: Channel) -> None:
    channel.add("linux-64", "torchvision", "0.22.1", depends=["pytorch ==2.7.1"])
    made = cells(axes={"os": "ubuntu24.04", "env": "conda", **CUDA}, companions=["torchvision"])
    amd64, arm64 = made
    assert _locked(amd64).conda
    error = _refused(*made)
    assert error.code is ExitCode.INCOMPATIBLE
    assert "12.6.3-base-ubuntu24.04-py3.12-torch2.7.1-conda on linux/arm64" in str(error)
    assert "torchvision" in str(error)
    assert error.where == arm64.where
    assert "exclude the platform" in error.fix


def test_versions_that_exclude_each_other_are_told_by_the_solver(channel: Channel) -> None:
    error = _refused(*_cells(cuda="12.8.1", torch="2.7.1", platform="linux/amd64"))
    assert error.code is ExitCode.INCOMPATIBLE
    assert "cuda-version 12.8.*" in str(error)


@pytest.mark.parametrize("alias", ["http://127.0.0.1:9/conda", "file:///nonexistent"])
def test_a_channel_that_cannot_be_read(channel: Channel, monkeypatch: pytest.MonkeyPatch, alias: str) -> None:
    monkeypatch.setenv(ALIAS, alias)
    error = _refused(*_cells(cuda="cpu", platform="linux/amd64"))
    assert error.code is ExitCode.UNAVAILABLE
    assert "the channels conda-forge cannot be read" in str(error)
    assert ALIAS in error.fix


def test_a_channel_without_a_checksum_is_not_locked(channel: Channel) -> None:
    file = channel.folder / "conda-forge/noarch/repodata.json"
    file.write_text(file.read_text().replace('"sha256"', '"sha512"'))
    error = _refused(*_cells(cuda="cpu", platform="linux/amd64"))
    assert "no sha256 for pip-25.0-0.tar.bz2" in str(error)
