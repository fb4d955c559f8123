"""Reads which foreign programs the kernel hands to an emulator."""

import re
from collections.abc import Iterator

from builder.doctor.survey import Emulator
from builder.engine.host.host import Host

_FOLDER = "/proc/sys/fs/binfmt_misc"
# e_machine in elf.h, little endian, by the name that platforms have.
_ARCHES = {"b700": "arm64", "3e00": "amd64", "f300": "riscv64", "1500": "ppc64le", "1600": "s390x"}
# e_machine lies at byte 18 of an ELF header; the kernel prints the magic in hexadecimal.
_MACHINE = slice(36, 40)


def read_emulators(host: Host) -> tuple[Emulator, ...]:
    """The entries for ELF programs of other architectures."""
    return tuple(_entries(host))


def _entries(host: Host) -> Iterator[Emulator]:
    for path in host.files(_FOLDER):
        text = host.text(f"{_FOLDER}/{path.name}")
        fields = dict(line.partition(" ")[::2] for line in text.splitlines())
        magic = fields.get("magic", "")
        arch = _ARCHES.get(magic[_MACHINE]) if magic.startswith("7f454c46") else None
        if arch is None:
            continue
        interpreter = fields.get("interpreter", "")
        said = host.run(interpreter, "--version") if interpreter else None
        version = re.search(r"version (\d+(?:\.\d+)+)", said.out) if said else None
        yield Emulator(
            name=path.name,
            arch=arch,
            interpreter=interpreter,
            version=version[1] if version else "",
            flags=fields.get("flags:", ""),
            enabled="enabled" in fields,
            present=host.has(interpreter),
        )
