"""Fixtures: a Tryton with the seeded company.

Belongs here: which Tryton lives for how long.
Does not: how one is made (`server.py`), what is changed in it (`changes.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.systems.servers import UnavailableError, cannot_run
from tests.systems.tryton.server import Installation, Tryton


@pytest.fixture(scope="session")
def installation(request: pytest.FixtureRequest) -> Installation:
    """Tryton and the seeded database. Never served: copies of it are."""
    installation = Installation(Path(request.config.cache.mkdir("tryton")))
    try:
        installation.make()
    except UnavailableError as error:
        cannot_run("Tryton", error)
    return installation


@pytest.fixture(scope="module")
def tryton(installation: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tryton]:
    """A module's own Tryton."""
    with Tryton(installation, tmp_path_factory.mktemp("tryton") / "served") as served:
        yield served
