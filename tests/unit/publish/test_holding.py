"""Which builds hold a person: by id, name and address, and no build by a number or a word that only looks like them."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from reports.builds import DATABASE
from reports.holding import holds_any

NAMED = (("8",), ("zoe",), ("Zoë Egon", "Egon"))


def build(folder: Path, rows: str) -> Path:
    with duckdb.connect(str(folder / DATABASE)) as connection:
        connection.execute("create schema reports")
        connection.execute(
            f"create table reports.found as select * from (values {rows}) as v(scope_type, scope_id, person_id, hours, note)"
        )
    return folder


@pytest.mark.parametrize(
    "rows",
    [
        "('person', '8', null, '1', '')",
        "('project', 'P1', '8', '1', '')",
        "('project', 'zoe', null, '1', '')",
        "('project', 'P1', 'tracker:zoe', '1', '')",
        "('project', 'P1', null, '1', 'asked ZOË EGON, twice')",
        "('project', 'P1', null, '1', 'Egon')",
    ],
)
def test_a_build_that_names_the_person(tmp_path: Path, rows: str) -> None:
    assert holds_any(build(tmp_path, rows), *NAMED)


@pytest.mark.parametrize("rows", ["('project', '8', 'P2', '8', '8')", "('project', 'zoey', null, '1', 'Oregon, Egons, Zoë')"])
def test_a_build_that_does_not(tmp_path: Path, rows: str) -> None:
    assert not holds_any(build(tmp_path, rows), *NAMED)


def test_a_build_that_cannot_be_read_counts_as_one_that_does(tmp_path: Path) -> None:
    (tmp_path / DATABASE).write_bytes(b"no database")
    assert holds_any(tmp_path, *NAMED)
