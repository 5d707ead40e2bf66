"""Fixtures: Redmines with the seeded company.

Belongs here: which Redmine lives for how long.
Does not: how one is made (`server.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.systems.redmine import server
from tests.systems.redmine.server import Database, Redmine
from tests.systems.servers import UnavailableError, cannot_run


@pytest.fixture(scope="session")
def seeded(request: pytest.FixtureRequest) -> tuple[Path, str]:
    """A filled database and the administrator's key. Never served: copies of it are."""
    try:
        return server.filled(request.config.cache.mkdir("redmine"))
    except UnavailableError as error:
        cannot_run("Redmine", error)


@pytest.fixture(scope="module")
def database(seeded: tuple[Path, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A module's own copy of the company."""
    with server.copied(*seeded, tmp_path_factory.mktemp("redmine")) as database:
        yield database


@pytest.fixture(scope="module")
def redmine(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redmine]:
    """A module's own Redmine. Tests that change something make a project of their own in it."""
    with server.served(database, tmp_path_factory.mktemp("served")) as redmine:
        yield redmine
