"""Landing: durable or not there, chosen by what was known when, counted again from its files."""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingest import durable
from ingest.entities import ENTITIES
from ingest.landing import LandingError, RowAccountingError, files_schema
from ingest.manifest import Load, Manifest
from ingest.registry import api_streams, create, relation, source_types
from ingest.sources.files.source import FilesSource
from tests.support.deliveries import FIRST_RUN, PROJECTS, Deliveries

ROW = "P1,A,active,EUR\n"
TWO_GOOD_ONE_BAD = PROJECTS + ROW + "P2,B,active,EUR\nP3,,active,EUR\n"


def landed(deliveries: Deliveries) -> Manifest:
    (load,) = deliveries.run_alone("projects.csv", TWO_GOOD_ONE_BAD).loads
    return load


def test_the_layout(deliveries: Deliveries) -> None:
    load = landed(deliveries)
    folder = "files/registers/projects/load_date=2026-03-03"
    assert deliveries.files_of_landing() == [
        f"files/registers/_files/{load.file_sha256[:16]}-projects.csv",
        f"{folder}/run-1-1.manifest.json",
        f"{folder}/run-1-1.parquet",
        f"{folder}/run-1-1.quarantine.parquet",
    ]
    assert deliveries.landing.kept_file(load).read_text() == TWO_GOOD_ONE_BAD


def test_the_manifest_says_what_was_read(deliveries: Deliveries) -> None:
    load = landed(deliveries)
    (again,) = deliveries.landing.manifests()
    assert again == load
    assert (load.rows_read, load.rows_accepted, load.rows_quarantined, load.rows_superseded) == (3, 2, 1, 0)
    assert (load.load_id, load.delivery_order, load.landed_at) == ("run-1-1", 1, FIRST_RUN + timedelta(days=1))
    home = deliveries.base / "home"
    assert durable.sha256(home / load.parquet.path) == load.parquet.sha256
    assert load.quarantine is not None
    assert durable.sha256(home / load.quarantine.path) == load.quarantine.sha256


def test_the_columns_of_a_landed_file_are_those_of_the_contract(deliveries: Deliveries) -> None:
    load = landed(deliveries)
    found = pq.read_schema(deliveries.base / "home" / load.parquet.path)
    assert found.equals(files_schema("projects"))


def test_updated_at_is_in_envelope_and_manifest(deliveries: Deliveries) -> None:
    header = "item_id,project_id,type,title,status,created_at,updated_at\n"
    row = "{item},P1,task,x,open,2026-01-01T00:00:00Z,2026-01-0{day}T10:00:00+02:00\n"
    (load,) = deliveries.run_alone("work_items.csv", header + row.format(item="I1", day=2) + row.format(item="I2", day=3)).loads
    assert load.min_updated_at is not None
    assert load.max_updated_at is not None
    assert (load.min_updated_at.isoformat(), load.max_updated_at.isoformat()) == ("2026-01-02T08:00:00+00:00", "2026-01-03T08:00:00+00:00")
    assert [row["_updated_at"].isoformat() for row in deliveries.accepted("work_items")] == [
        "2026-01-02T08:00:00+00:00",
        "2026-01-03T08:00:00+00:00",
    ]


def test_known_at_leaves_out_what_came_later(deliveries: Deliveries) -> None:
    deliveries.run_alone("projects.csv", PROJECTS + "P1,A,active,EUR\n")
    deliveries.run_alone("projects.csv", PROJECTS + "P1,B,active,EUR\n")
    between = FIRST_RUN + timedelta(days=1, hours=1)
    assert [load.load_id for load in deliveries.landing.select(between)] == ["run-1-1"]
    assert [load.load_id for load in deliveries.landing.select(None)] == ["run-1-1", "run-2-1"]
    assert deliveries.warehouse(between).execute("select name from landing.projects").fetchall() == [("A",)]


def test_every_entity_is_there_even_if_nobody_delivered_it_and_quickly(deliveries: Deliveries) -> None:
    landed(deliveries)
    connection = deliveries.warehouse()
    began = time.perf_counter()
    deliveries.landing.register(connection, deliveries.landing.select())
    assert time.perf_counter() - began < 2
    found = connection.execute("select table_name from information_schema.tables where table_schema = 'landing'").fetchall()
    of_systems = {relation(type_, stream) for type_, streams in api_streams().items() for stream in streams}
    assert {name for (name,) in found} == {*ENTITIES, *of_systems, "loads", "quarantine", "api_records"}
    shapes = {tuple(connection.execute(f'describe landing."{name}"').fetchall()) for name in ("projects", "teams") for _ in [0]}
    envelopes = {tuple(row[:2] for row in shape if str(row[0]).startswith("_")) for shape in shapes}
    assert len(envelopes) == 1
    (row,) = connection.execute("select delivery, rows_read, rows_accepted_counted, problems, columns[1] from landing.loads").fetchall()
    assert row == (1, 3, 2, [], "project_id")


def test_a_column_that_the_contract_gained_later_is_null_in_older_loads(deliveries: Deliveries) -> None:
    load = landed(deliveries)
    path = deliveries.base / "home" / load.parquet.path
    pq.write_table(pq.read_table(path).drop_columns(["priority"]), path)
    rows = deliveries.warehouse().execute("select project_id, priority from landing.projects order by 1").fetchall()
    assert rows == [("P1", None), ("P2", None)]


def drop_a_row(home: Path, load: Manifest) -> None:
    path = home / load.parquet.path
    pq.write_table(pq.read_table(path).slice(1), path)


def drop_a_quarantined_row(home: Path, load: Manifest) -> None:
    assert load.quarantine is not None
    path = home / load.quarantine.path
    pq.write_table(pq.read_table(path).slice(1), path)


def claim_another_row(home: Path, load: Manifest) -> None:
    path = home / load.manifest_path
    content = json.loads(path.read_text())
    content["rows_read"] += 1
    path.write_text(json.dumps(content))


@pytest.mark.parametrize("tamper", [drop_a_row, drop_a_quarantined_row, claim_another_row])
def test_rows_that_do_not_add_up_are_found(deliveries: Deliveries, tamper: Callable[[Path, Manifest], None]) -> None:
    load = landed(deliveries)
    assert deliveries.landing.verify_load(load, deep=True).holds
    tamper(deliveries.base / "home", load)
    (again,) = deliveries.landing.manifests()
    assert not deliveries.landing.verify_load(again).holds


def test_a_changed_value_is_found_by_a_deep_look_alone(deliveries: Deliveries) -> None:
    load = landed(deliveries)
    path = deliveries.base / "home" / load.parquet.path
    table = pq.read_table(path)
    pq.write_table(table.set_column(table.schema.get_field_index("name"), "name", pa.array(["X", "Y"])), path)
    assert deliveries.landing.verify_load(load).holds
    assert not deliveries.landing.verify_load(load, deep=True).holds


def test_what_does_not_add_up_is_not_landed(deliveries: Deliveries) -> None:
    load = landed(deliveries)
    before = deliveries.files_of_landing()
    wrong = Load(**{field.name: getattr(load, field.name) for field in dataclasses.fields(Load)} | {"rows_read": 1})
    with pytest.raises(RowAccountingError, match="1 rows of projects were read, but 0 accepted"):
        deliveries.landing.write(wrong, [], [], files_schema("projects"))
    assert deliveries.files_of_landing() == before


def test_a_lost_file_is_said_in_words(deliveries: Deliveries) -> None:
    load = landed(deliveries)
    (deliveries.base / "home" / load.parquet.path).unlink()
    assert not deliveries.landing.verify_load(load).is_readable
    with pytest.raises(LandingError, match="Landing is damaged"):
        deliveries.warehouse()


def test_a_damaged_manifest_is_said_in_words(deliveries: Deliveries) -> None:
    load = landed(deliveries)
    (deliveries.base / "home" / load.manifest_path).write_text("{}")
    with pytest.raises(LandingError, match="this manifest cannot be read"):
        deliveries.landing.manifests()


@pytest.mark.parametrize("step", range(1, 8))
def test_a_crash_at_any_write_leaves_no_trace_that_counts(deliveries: Deliveries, monkeypatch: pytest.MonkeyPatch, step: int) -> None:
    """Dies at the nth rename or fsync; the next run finds nothing of it and lands the file."""
    deliveries.drop("projects.csv", TWO_GOOD_ONE_BAD)
    calls = 0

    def dying(original: Callable[..., object]) -> Callable[..., object]:
        def call(*arguments: object) -> object:
            nonlocal calls
            calls += 1
            if calls == step:
                raise KeyboardInterrupt
            return original(*arguments)

        return call

    with monkeypatch.context() as patched:
        patched.setattr("os.fsync", dying(durable.os.fsync))
        patched.setattr(durable, "rename", dying(durable.rename))
        with pytest.raises(KeyboardInterrupt):
            deliveries.run()
    assert deliveries.landing.select() == [] or step > 6
    result = deliveries.run()
    assert len(deliveries.landing.select()) == 1
    assert len(result.loads) + (step > 6) >= 1
    assert [row["project_id"] for row in deliveries.accepted("projects")] == ["P1", "P2"]
    assert not [name for name in deliveries.files_of_landing() if ".tmp-" in name]


def test_leftovers_of_a_killed_process_are_ignored_and_cleaned(deliveries: Deliveries) -> None:
    load = landed(deliveries)
    folder = (deliveries.base / "home" / load.parquet.path).parent
    before = deliveries.files_of_landing()
    for leftover in (".tmp-run-9-1.parquet", "run-9-2.parquet", "run-9-2.quarantine.parquet"):
        (folder / leftover).write_bytes((deliveries.base / "home" / load.parquet.path).read_bytes())
    (folder.parents[1] / "_files" / ".tmp-0000").write_text("half a file")
    assert len(deliveries.landing.select()) == 1
    deliveries.run()
    assert deliveries.files_of_landing() == before


def test_another_run_with_the_same_id_takes_other_names(deliveries: Deliveries) -> None:
    landed(deliveries)
    deliveries.drop("teams.csv", "team_id,name\nT1,x\n")
    result = deliveries.source.ingest(deliveries.landing, "run-1", FIRST_RUN)
    assert [load.load_id for load in result.loads] == ["run-1-2"]


def test_the_registry_finds_the_source_of_a_type(deliveries: Deliveries) -> None:
    assert "files" in source_types()
    assert isinstance(create(deliveries.source._config), FilesSource)
