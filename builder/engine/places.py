"""Where this site keeps what others fetch from its usual place, by the variables of those who do."""

import os
from pathlib import Path


def place_from_environment(variable: str) -> str:
    """The address that a variable gives, with no slash at its end; a path is a `file:` address."""
    place = os.environ.get(variable, "").rstrip("/")
    return Path(place).as_uri() if place.startswith("/") else place
