"""Bytes in decimal units, as registries and disks are sold."""

_UNITS = {"B": 1, "kB": 1_000, "MB": 1_000_000, "GB": 1_000_000_000, "TB": 1_000_000_000_000}
# A number and a unit, as `1.5 GB`.
PATTERN = r"^[0-9]+(\.[0-9]+)? ?(kB|MB|GB)$"


def parse_size(text: str) -> int:
    """The bytes of a text that has the form of `PATTERN`."""
    unit = text[-2:]
    return round(float(text.removesuffix(unit)) * _UNITS[unit])


def show_size(count: int) -> str:
    """`1.2 GB`, `312 MB`: two digits at least."""
    value, unit = float(count), "B"
    for unit, factor in _UNITS.items():
        value = count / factor
        if value < 1000 or unit == "TB":  # noqa: PLR2004  the base of the units
            break
    return f"{value:.1f} {unit}" if 0 < value < 10 and unit != "B" else f"{value:.0f} {unit}"  # noqa: PLR2004
