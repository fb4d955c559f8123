"""Asks py-rattler which packages of conda's channels an environment comes to, on whatever platform."""

from typing import TYPE_CHECKING

from builder.engine.places import place_from_environment
from builder.matrix.conda.environment import Environment
from builder.matrix.lock import LockedPackage
from builder.model.digest import Digest
from builder.model.errors import BuilderError, ExitCode

if TYPE_CHECKING:
    from rattler import ChannelConfig, RepoDataRecord

ALIAS = "CONDA_CHANNEL_ALIAS"


def alias_from_environment() -> str:
    """Where channels are found by name on this machine; empty for where conda itself looks for them."""
    return place_from_environment(ALIAS)


def solve(wanted: Environment, alias: str = "") -> tuple[LockedPackage, ...]:
    """The packages that the solver chooses, one file each.

    Raises:
        BuilderError: (10) without py-rattler, (4) when nothing satisfies the environment, with the solver's
            own explanation, (23) when a channel cannot be read.
    """
    try:
        import rattler
    except ImportError as error:
        fix = "Install it: pip install 'cuda-image-builder[conda]'."
        raise BuilderError(
            ExitCode.TOOL_MISSING, "there is no py-rattler, which solves environments", fix=fix
        ) from error
    import asyncio

    from rattler import exceptions

    config = rattler.ChannelConfig(f"{alias}/") if alias else rattler.ChannelConfig()
    try:
        records = asyncio.run(_records(wanted, config))
    except (exceptions.SolverError, exceptions.InvalidMatchSpecError) as error:
        raise _unsolved(wanted, str(error)) from error
    except (exceptions.GatewayError, exceptions.FetchRepoDataError, OSError) as error:
        raise BuilderError(
            ExitCode.UNAVAILABLE,
            f"the channels {', '.join(wanted.channels)} cannot be read: {_line(str(error))}",
            fix=f"Name channels that exist; {ALIAS} says where they are, if not where conda looks for them.",
        ) from error
    names = {rattler.Channel(name, config).base_url.rstrip("/"): name for name in wanted.channels}
    return tuple(sorted(_locked(record, names, wanted) for record in records))


async def _records(wanted: Environment, config: "ChannelConfig") -> "list[RepoDataRecord]":
    from rattler import Channel, GenericVirtualPackage, MatchSpec, PackageName, Version, solve
    from rattler.package.build_string import BuildString

    pairs = (text.split("=") for text in wanted.virtual)
    return await solve(
        [Channel(name, config) for name in wanted.channels],
        [MatchSpec(spec, strict=False) for spec in wanted.specs],
        platforms=[wanted.subdir, "noarch"],  # type: ignore[list-item]  # its literals are these words
        virtual_packages=[
            GenericVirtualPackage(PackageName(name), Version(version), BuildString("0"))
            for name, version in pairs
        ],
    )


def _locked(record: "RepoDataRecord", names: dict[str, str], wanted: Environment) -> LockedPackage:
    name, version = record.name.normalized, str(record.version)
    if record.sha256 is None:
        raise _unsolved(wanted, f"the channel has no sha256 for {record.file_name}")
    channel, _, rest = record.url.removesuffix(f"/{record.file_name}").rpartition("/")
    path = f"{names[channel]}/{rest}/{record.file_name}"
    return LockedPackage(name, version, path, Digest("sha256", record.sha256.hex()))


def _unsolved(wanted: Environment, why: str) -> BuilderError:
    return BuilderError(
        ExitCode.INCOMPATIBLE,
        f"no packages for {wanted.id}: {_line(why)}",
        fix="Choose versions that the channels have for this platform, or exclude the platform for them.",
    )


def _line(text: str) -> str:
    return " ".join(text.split()) or "it says nothing"
