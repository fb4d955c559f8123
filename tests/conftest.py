"""Fixtures that every room's tests share, and the order of all tests."""

import pytest

pytest_plugins = ["tests.servers.fixtures"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Those that build come first: what is short fills the time in which the last of them still run."""
    items.sort(key=lambda item: item.get_closest_marker("engine") is None)
