"""Fixtures that tests of several folders share.

Belongs here: what is too dear to be made twice.
Does not: anything of one folder.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.support import tiny_company
from tests.support.command import FIRST_DELIVERY, Workplace, make_workplace
from tests.support.shared import made_once, share


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The real runs first: one that began last would be waited for by the other worker."""
    items.sort(key=lambda item: ("integration" not in item.path.parts, "golden" not in item.path.parts))


@pytest.fixture(scope="session", autouse=True)
def _shared_folder(tmp_path_factory: pytest.TempPathFactory) -> None:
    share(tmp_path_factory)


@pytest.fixture(scope="session")
def published() -> Workplace:
    """The tiny company, published by the real command. Read only: copy it to change it."""

    def make(folder: Path) -> None:
        done = make_workplace(folder / "work").run()
        assert done.returncode == 0, done.stdout + done.stderr
        (folder / "told.json").write_text(json.dumps([done.stdout, done.stderr]), encoding="utf-8")

    return Workplace(made_once("published", make) / "work")


class Corrected(NamedTuple):
    """A company that has corrected a file and run again, and the run that was tried at the same time."""

    workplace: Workplace
    first_pid: int
    first_out: str
    first_err: str
    second_status: int
    second_err: str


@pytest.fixture(scope="session")
def corrected(published: Workplace) -> Corrected:
    """The published company after a corrected delivery; while it ran, a second run was tried. Read only."""

    def make(folder: Path) -> None:
        workplace = published.copy(folder / "work")
        tiny_company.deliver(workplace.delivered, tiny_company.CORRECTION, FIRST_DELIVERY + 86_400)
        first = workplace.start("run", "--as-of", tiny_company.AS_OF)
        workplace.wait_for_lock(first)
        second = workplace.run()
        out, err = first.communicate(timeout=600)
        assert first.returncode == 0, out + err
        told = [first.pid, out, err, second.returncode, second.stderr]
        (folder / "told.json").write_text(json.dumps(told), encoding="utf-8")

    folder = made_once("corrected", make)
    return Corrected(Workplace(folder / "work"), *json.loads((folder / "told.json").read_text(encoding="utf-8")))
