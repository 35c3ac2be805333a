"""Settings of every test."""

from __future__ import annotations

import signal

import pytest
from hypothesis import settings

# A busy machine is no failure.
settings.register_profile("lurewatch", deadline=None)
settings.load_profile("lurewatch")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Slow tests run last."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is not None)


@pytest.fixture(scope="session", autouse=True)
def interruptible() -> None:
    """A shell starts what it puts in the background deaf to Ctrl+C, and children inherit that."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
