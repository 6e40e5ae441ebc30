"""Which processes are a test's own: other tests' servers may be running beside it."""

from __future__ import annotations

from collections.abc import Callable

import psutil
import pytest

Children = Callable[[], list[psutil.Process]]


@pytest.fixture
def children() -> Children:
    """The processes that this test has started, and those that they have."""
    before = set(psutil.Process().children(recursive=True))

    def own() -> list[psutil.Process]:
        now = []
        for process in psutil.Process().children(recursive=True):
            try:
                if process not in before and before.isdisjoint(process.parents()):
                    now.append(process)
            except psutil.NoSuchProcess:
                continue
        return now

    return own
