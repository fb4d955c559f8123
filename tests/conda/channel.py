"""A channel of conda's on the file system: packages of a few files, and the index that solvers read."""

import bz2
import hashlib
import io
import json
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SUBDIRS = {"linux/amd64": "linux-64", "linux/arm64": "linux-aarch64"}


@dataclass(frozen=True)
class Channel:
    """A channel in a folder of channels, which CONDA_CHANNEL_ALIAS names."""

    folder: Path
    name: str = "conda-forge"

    def add(
        self,
        subdir: str,
        name: str,
        version: str,
        build: str = "0",
        *,
        depends: Sequence[str] = (),
        files: Mapping[str, bytes | Path] | None = None,
        noarch: str = "",
        commands: Sequence[str] = (),
    ) -> Path:
        """Write a package and its entry; files are contents, or links by where they point to.

        `commands` are those of a Python package, as `tool = tool:main`.
        """
        about = {"name": name, "version": version, "build": build, "build_number": 0, "depends": [*depends]}
        about |= {"subdir": subdir, **({"noarch": noarch} if noarch else {})}
        link = {"noarch": {"type": noarch, "entry_points": [*commands]}, "package_metadata_version": 1}
        content = _archive(about, files or {}, link if commands else None)
        file = self.folder / self.name / subdir / f"{name}-{version}-{build}.tar.bz2"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        self.index(subdir, file.name, {**about, "size": len(content), "sha256": _sha256(content)})
        return file

    def index(self, subdir: str, name: str = "", entry: Mapping[str, Any] | None = None) -> None:
        """Have an index of a subdir, with one more package or not."""
        file = self.folder / self.name / subdir / "repodata.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        empty = {"info": {"subdir": subdir}, "packages": {}, "packages.conda": {}, "repodata_version": 1}
        known: dict[str, Any] = json.loads(file.read_text()) if file.exists() else empty
        if entry:
            known["packages"][name] = entry
        file.write_text(json.dumps(known))


def _archive(
    about: Mapping[str, Any], files: Mapping[str, bytes | Path], link: Mapping[str, Any] | None
) -> bytes:
    """A package: what it holds, and below `info` what it says of itself."""
    paths = [_path(name, content) for name, content in files.items()]
    info = {
        "info/index.json": json.dumps(about).encode(),
        "info/paths.json": json.dumps({"paths_version": 1, "paths": paths}).encode(),
        **({"info/link.json": json.dumps(link).encode()} if link else {}),
        "info/files": "".join(f"{name}\n" for name in files).encode(),
    }
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        for name, content in {**info, **files}.items():
            entry = tarfile.TarInfo(name)
            entry.mode = 0o755 if name.startswith("bin/") else 0o644
            if isinstance(content, Path):
                entry.type, entry.linkname = tarfile.SYMTYPE, str(content)
                archive.addfile(entry)
            else:
                entry.size = len(content)
                archive.addfile(entry, io.BytesIO(content))
    return bz2.compress(made.getvalue(), 1)


def _path(name: str, content: bytes | Path) -> dict[str, Any]:
    if isinstance(content, Path):
        return {"_path": name, "path_type": "softlink", "sha256": _sha256(b""), "size_in_bytes": 0}
    told = {"sha256": _sha256(content), "size_in_bytes": len(content)}
    return {"_path": name, "path_type": "hardlink", **told}


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def tree(folder: Path) -> dict[str, bytes | Path]:
    """The files and links of a folder, as a package takes them."""
    return {
        str(path.relative_to(folder)): path.readlink() if path.is_symlink() else path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_symlink() or path.is_file()
    }
