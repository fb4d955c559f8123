"""Just enough of ELF to tell for which machine a file was made."""

from __future__ import annotations

import struct
from pathlib import Path

_MAGIC = b"\x7fELF"
# ELFDATA2MSB
_BIG_ENDIAN = 2
# Up to and with e_machine.
_HEAD = 20
# e_machine in elf.h
_MACHINES = {3: "i386", 40: "arm", 62: "x86_64", 183: "aarch64", 243: "riscv64"}


def describe(path: Path) -> str:
    """`ELF64 x86_64` and the like; `no ELF` for another kind of file."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if len(head) < _HEAD or not head.startswith(_MAGIC):
        return "no ELF"
    bits = {1: "ELF32", 2: "ELF64"}.get(head[4], "ELF?")
    (number,) = struct.unpack_from(">H" if head[5] == _BIG_ENDIAN else "<H", head, _HEAD - 2)
    return f"{bits} {_MACHINES.get(number, number)}"
