"""Fixtures that tests of several folders share.

Belongs here: what is too dear to be made twice.
Does not: anything of one folder.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from dagster_project.garbage import collect_seldom
from tests.support.command import Workplace, make_workplace
from tests.support.shared import made_once, share


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The real runs first: one that began last would be waited for by the other worker."""
    items.sort(key=lambda item: ("integration" not in item.path.parts, "golden" not in item.path.parts))


def pytest_collection_finish() -> None:
    """Thousands of collected tests stay until the end."""
    collect_seldom()


@pytest.fixture(scope="session", autouse=True)
def _shared_folder(tmp_path_factory: pytest.TempPathFactory) -> None:
    share(tmp_path_factory)


@pytest.fixture(scope="session")
def published() -> Workplace:
    """The tiny company, published by the real command. Read only: copy it to change it."""

    def make(folder: Path) -> None:
        done = make_workplace(folder / "work").run()
        assert done.returncode == 0, done.stdout + done.stderr

    return Workplace(made_once("published", make) / "work")
