"""Seconds as people say them."""

_MINUTE, _HOUR = 60, 3600


def show_duration(seconds: float) -> str:
    """`40 s`, `12 min`, `1 h 20 min`."""
    if seconds < 2 * _MINUTE:
        return f"{seconds:.0f} s"
    minutes = round(seconds / _MINUTE)
    return f"{minutes} min" if minutes < _HOUR // _MINUTE else f"{minutes // 60} h {minutes % 60} min"
