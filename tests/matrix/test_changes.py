"""What a new lock changes, told once however many images it is for."""

from dataclasses import replace
from datetime import date

from builder.matrix.changes import Change, changes
from builder.matrix.lock import Lock, LockedBase, LockedPackage, LockedWheel
from builder.model.digest import Digest
from builder.model.platform import Platform

AMD64, ARM64 = (Platform("linux", name) for name in ("amd64", "arm64"))
SETS = ("linux/amd64 py3.11 pip torch==2.13.0", "linux/arm64 py3.11 pip torch==2.13.0")


def wheel(version: str, file: str = "", name: str = "nvidia-cudnn-cu13") -> LockedWheel:
    return LockedWheel(name, version, Digest.of(f"{name} {version} {file}".encode()))


def base(platform: Platform, content: bytes) -> dict[str, LockedBase]:
    found = LockedBase(Digest.of(b"index"), {platform: Digest.of(content)}, date(2026, 1, 1), "docker.io")
    return {"docker.io/library/debian:12-slim": found}


BEFORE = Lock(
    date(2026, 1, 1),
    base(AMD64, b"old"),
    {name: (wheel("9.27", name), wheel("25.0", "", "pip")) for name in SETS},
)


def test_a_package_that_moved_in_many_sets_is_one_change() -> None:
    after = replace(
        BEFORE,
        epoch=date(2026, 1, 2),
        wheels={name: (wheel("9.28", name), wheel("25.0", "", "pip")) for name in SETS},
    )
    assert changes(BEFORE, after) == (
        Change("epoch", "2026-01-01", "2026-01-02"),
        Change("nvidia-cudnn-cu13", "9.27", "9.28", SETS),
    )


def test_another_file_of_the_same_version_is_told_by_its_digest() -> None:
    after = replace(BEFORE, wheels={**BEFORE.wheels, SETS[0]: (wheel("9.27", "rebuilt"),)})
    dropped, moved = sorted(changes(BEFORE, after), key=lambda it: it.what, reverse=True)
    assert dropped == Change("pip", "25.0", "", SETS[:1])
    was, now = (wheel("9.27", file).digest for file in (SETS[0], "rebuilt"))
    assert moved == Change("nvidia-cudnn-cu13", f"9.27 {was}", f"9.27 {now}", SETS[:1])


def test_bases_are_told_by_their_platforms_and_the_index_is_no_change() -> None:
    after = replace(BEFORE, bases=base(AMD64, b"new"))
    name = "docker.io/library/debian:12-slim linux/amd64"
    assert changes(BEFORE, after) == (Change(name, str(Digest.of(b"old")), str(Digest.of(b"new"))),)
    (locked,) = BEFORE.bases.values()
    moved = {name: replace(locked, index=Digest.of(b"other")) for name in BEFORE.bases}
    assert changes(BEFORE, replace(BEFORE, bases=moved)) == ()
    both = replace(locked, platforms={**locked.platforms, ARM64: Digest.of(b"arm64")})
    (more,) = changes(BEFORE, replace(BEFORE, bases=dict.fromkeys(BEFORE.bases, both)))
    assert (more.what.split()[-1], more.before) == ("linux/arm64", "")


def test_everything_is_new_without_a_lock_before() -> None:
    found = changes(None, BEFORE)
    assert [change.before for change in found] == [""] * 3
    packages = LockedPackage("tool", "1.0", "conda-forge/linux-64/tool-1.0.conda", Digest.of(b"tool"))
    conda = {"linux/amd64 | conda-forge | tool": (packages,)}
    (added,) = changes(BEFORE, replace(BEFORE, conda=conda))
    assert added == Change("tool", "", "1.0", tuple(conda))
