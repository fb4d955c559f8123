"""A family in a registry of its own, to release into and to report on."""

from tests.release.conftest import family

__all__ = ["family"]
