"""A copy of python-build-standalone's releases: archives in its layout, hashes, and what uv knows of them."""

import io
import json
import tarfile
from dataclasses import dataclass
from pathlib import Path

from packaging.version import Version

from builder.matrix.expansion.managed import RELEASES
from builder.model.digest import Digest

MACHINES = {"linux/amd64": "x86_64", "linux/arm64": "aarch64"}
# What a build of an extension reads, as the real archives have it: nobody has this compiler, or this folder.
_SYSCONFIG = """\
# system configuration generated and used by the sysconfig module
build_time_vars = {'CC': 'clang -pthread',
 'INCLUDEPY': '/install/include/python3.11',
 'prefix': '/install'}
"""


@dataclass(frozen=True)
class Releases:
    """A mirror in a folder, which UV_PYTHON_INSTALL_MIRROR names."""

    folder: Path

    @property
    def known(self) -> Path:
        """What uv knows in place of its own list, if UV_PYTHON_DOWNLOADS_JSON_URL names it."""
        return self.folder / "known.json"

    def add(self, version: str, release: str, machine: str, content: bytes = b"an archive") -> Path:
        """Publish an archive: its file, its hash, and its entry in the list."""
        name = f"cpython-{version}+{release}-{machine}-unknown-linux-gnu-install_only_stripped.tar.gz"
        file = self.folder / release / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        with (file.parent / "SHA256SUMS").open("a") as sums:
            sums.write(f"{Digest.of(content).hex}  {name}\n")
        number = Version(version)
        entry = {
            "name": "cpython",
            "os": "linux",
            "libc": "gnu",
            "variant": None,
            "build": release,
            "major": number.major,
            "minor": number.minor,
            "patch": number.micro,
            "prerelease": version.removeprefix(number.base_version),
            "arch": {"family": machine, "variant": None},
            "url": f"{RELEASES}/{release}/{name.replace('+', '%2B')}",
            "sha256": Digest.of(content).hex,
        }
        known = json.loads(self.known.read_text()) if self.known.exists() else {}
        self.known.write_text(json.dumps({**known, f"cpython-{version}-linux-{machine}-gnu": entry}))
        return file


def archive(python: Path, machine: str) -> bytes:
    """A Python that can be moved as such an archive has it: all below `python/`."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz", compresslevel=1) as file:
        file.add(python, "python", filter=lambda entry: None if "/_sysconfigdata_" in entry.name else entry)
        entry = tarfile.TarInfo(f"python/lib/python3.11/_sysconfigdata__linux_{machine}-linux-gnu.py")
        entry.size = len(_SYSCONFIG)
        file.addfile(entry, io.BytesIO(_SYSCONFIG.encode()))
        # Debian's Python reads the same by another name.
        link = tarfile.TarInfo(entry.name.replace("_linux_", "_"))
        link.type, link.linkname = tarfile.SYMTYPE, Path(entry.name).name
        file.addfile(link)
    return made.getvalue()
