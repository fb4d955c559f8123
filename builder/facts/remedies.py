"""The commands that install what a machine lacks."""

from dataclasses import dataclass
from functools import cache

from builder.facts import keys
from builder.facts.table import table

_MANAGERS = {
    "debian": "apt",
    "ubuntu": "apt",
    "rhel": "dnf",
    "fedora": "dnf",
    "centos": "dnf",
    "amzn": "dnf",
    "suse": "zypper",
    "sles": "zypper",
    "opensuse": "zypper",
    "arch": "pacman",
    "alpine": "apk",
}
# os-release's ID where NVIDIA's repositories call the system otherwise, and count its major version only.
_NAMES = {"rocky": "rockylinux", "almalinux": "rockylinux", "rhel": "ubi", "ol": "oraclelinux"}


@dataclass(frozen=True, slots=True)
class Distribution:
    """A distribution by the words of its os-release, on a machine's architecture, as `amd64`."""

    id: str
    version: str
    like: tuple[str, ...]
    arch: str

    @property
    def manager(self) -> str:
        """Its package manager; empty when it is not known."""
        names = (self.id, *self.like)
        return next((_MANAGERS[name] for name in names if name in _MANAGERS), "")

    @property
    def repository(self) -> keys.PackageRepository | None:
        """NVIDIA's package repository for it."""
        name = _NAMES.get(self.id, self.id)
        version = self.version if name == "ubuntu" else self.version.partition(".")[0]
        return keys.repository(f"{name}{version}")


@cache
def _rows() -> dict[str, dict[str, str]]:
    return {row["action"]: row for row in table("remedies").data["remedies"]}


def remedy(action: str, distribution: Distribution) -> str:
    """The command for this distribution; empty when none is known.

    Raises:
        KeyError: for an action that the table does not have.
    """
    row = _rows()[action]
    command = row.get(distribution.id) or row.get(distribution.manager, "")
    if "{folders}" not in command:
        return command
    repository = distribution.repository
    folders = repository.path(distribution.arch) if repository else None
    if repository is None or folders is None or ("{keyring}" in command and repository.keyring is None):
        return ""
    return command.format(folders=folders, folder=repository.folder, keyring=repository.keyring)
