"""Fixtures of the real command.

Belongs here: what several files of this folder share.
Does not: the first run (`tests/conftest.py`).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.support import tiny_company
from tests.support.command import FIRST_DELIVERY, Workplace
from tests.support.deliveries import Deliveries
from tests.support.shared import made_once

SECOND_DELIVERY = FIRST_DELIVERY + 86_400


@pytest.fixture
def deliveries(tmp_path: Path) -> Deliveries:
    return Deliveries(tmp_path)


class Corrected(NamedTuple):
    """A company that has corrected a file and run again, and what that run told."""

    workplace: Workplace
    out: str
    err: str


@pytest.fixture(scope="session")
def corrected(published: Workplace) -> Corrected:
    """The published company after a corrected delivery and a second run. Read only."""

    def make(folder: Path) -> None:
        workplace = published.copy(folder / "work")
        tiny_company.deliver(workplace.delivered, tiny_company.CORRECTION, SECOND_DELIVERY)
        done = workplace.run()
        assert done.returncode == 0, done.stdout + done.stderr
        (folder / "told.json").write_text(json.dumps([done.stdout, done.stderr]), encoding="utf-8")

    folder = made_once("corrected", make)
    return Corrected(Workplace(folder / "work"), *json.loads((folder / "told.json").read_text(encoding="utf-8")))
