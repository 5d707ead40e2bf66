"""`pmo forget` through the real command: no file of the home names the person, the numbers stay, older builds are gone."""

from __future__ import annotations

import json
import re
from pathlib import Path

import duckdb
import pytest

from ingest.forgetting.person import Person, write_journal
from tests.support.command import Workplace

pytestmark = [pytest.mark.long, pytest.mark.xdist_group("published")]

COSTS = "select project_id, status_date, ac from reports.project_evm order by all"
WORDS = ("Egon", "egon", "E1")
"""Name, user and id of one person of the tiny company."""


def rows(workplace: Workplace, sql: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(workplace.current / "pmo.duckdb"), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def cells(path: Path) -> set[str]:
    """Every text of a database or a Parquet file."""
    with duckdb.connect() as connection:
        if path.suffix == ".parquet":
            return set(re.findall(r"[\w-]+", str(connection.execute(f"select * from read_parquet('{path}')").fetchall())))
        connection.execute(f"attach '{path}' as found (read_only)")
        tables = connection.execute("select schema_name, table_name from duckdb_tables() where database_name = 'found'").fetchall()
        texts = [str(connection.execute(f'select * from found."{schema}"."{table}"').fetchall()) for schema, table in tables]
    return set(re.findall(r"[\w-]+", " ".join(texts)))


def naming(workplace: Workplace) -> list[str]:
    """Files of the home in which the person stands."""
    found = []
    for path in workplace.home.rglob("*"):
        if path.suffix in (".parquet", ".duckdb") and path.is_file():
            found += [str(path) for word in WORDS if word in cells(path)]
        elif path.is_file() and re.search(rb"\begon\b", path.read_bytes().lower()):
            found.append(str(path))
    return found


def test_a_person_is_forgotten(published: Workplace, tmp_path: Path) -> None:
    workplace = published.copy(tmp_path / "company")
    assert naming(workplace) != []
    first, costs = workplace.build_id(), rows(workplace, COSTS)

    # In the middle of it nothing is built.
    write_journal(workplace.home, Person("E1", "forgotten-x", ("E1",)))
    refused = workplace.run()
    assert refused.returncode != 0
    assert "half forgotten" in refused.stderr
    assert workplace.build_id() == first
    (workplace.home / "state" / "forgetting.json").unlink()

    done = workplace.pmo("forget", "Egon", "--yes")
    assert done.returncode == 0, done.stdout + done.stderr
    assert naming(workplace) == []
    assert not (workplace.home / "state" / "forgetting.json").exists()
    assert [build["build_id"] for build in json.loads(workplace.pmo("builds", "--json").stdout)] == [workplace.build_id()]
    assert workplace.build_id() != first
    assert rows(workplace, COSTS) == costs
