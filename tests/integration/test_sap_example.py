"""Exports of SAP from file to report: a synthetic list and two lists of commitments, down to the cost of a project."""

from __future__ import annotations

import os
from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from ingest.config import load_settings
from ingest.landing import Landing
from ingest.protocol import IngestResult
from ingest.registry import create
from tests.support import tiny_company
from tests.support.command import FIRST_DELIVERY
from tests.support.warehouse import empty_warehouse, query, run_dbt

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("sap")]

EXAMPLE = (Path(__file__).parents[2] / "docs" / "examples" / "sap.toml").read_text(encoding="utf-8")
HEADER = "BUKRS;GJAHR;BELNR;BUZEI;BUDAT;BLDAT;PERIO;KSTAR;AUFNR;WTGBTR;TWAER;WRTTP;STOKZ;REFBN;SGTXT"
ITEMS = f"""\
Einzelposten Aufträge;;;;;;;;;;;;;;Seite 1

{HEADER}
1000;2026;0100000001;001;05.03.2026;04.03.2026;003;0000400000;000000080001;1.234,56;EUR;04;;;Prüfstand Süd
1000;2026;0100000002;001;06.03.2026;06.03.2026;003;0000400000;000000080001;500,00;EUR;04;;;falsch gebucht
1000;2026;0100000003;001;09.03.2026;06.03.2026;003;0000400000;000000080001;500,00-;EUR;04;X;0100000002;
;;;;;;;;;1.234,56;EUR;;;;
Einzelposten Aufträge;;;;;;;;;;;;;;Seite 2
{HEADER}
1000;2025;0100000004;001;15.01.2026;15.01.2026;013;0000400000;000000080001;100,00;EUR;04;;;Abgrenzung
**;;;;;;;;;1.334,56;EUR;;;;
"""
OPEN = f"""\
{HEADER}
1000;2026;4500000001;001;15.03.2026;;;0000400000;000000080001;900,00;EUR;22;;;
1000;2026;4500000002;001;30.06.2026;;;0000400000;000000080001;50,00;EUR;21;;;
"""


def drop(folder: Path, name: str, text: str, encoding: str, day: int) -> None:
    path = folder / "sap" / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(text.replace("\n", "\r\n").encode(encoding))
    os.utime(path, (FIRST_DELIVERY + day * 86_400,) * 2)


def land(folder: Path, run_id: str) -> dict[str, IngestResult]:
    """Read every source as a run does."""
    settings = load_settings(folder / "pmo.toml")
    landing = Landing(settings.home)
    return {config.name: create(config).ingest(landing, run_id, datetime.now(UTC)) for config in settings.sources}


def costs(folder: Path) -> dict[str, tuple[Decimal, Decimal]]:
    """Month -> actual cost and commitment of the licenses of P1, in a warehouse made anew from what has landed."""
    path = folder / "warehouse.duckdb"
    empty_warehouse(path)
    landing = Landing(folder / "home")
    with duckdb.connect(str(path)) as connection:
        landing.register(connection, landing.select())
    run_dbt(path, select="+cost_summary", exclude="resource_type:test resource_type:unit_test", vars={"as_of": tiny_company.AS_OF})
    rows = query(
        path,
        "select strftime(month, '%Y-%m') as month, actual, commitment from reports.cost_summary "
        "where project_id = 'P1' and category = 'license' and (actual <> 0 or commitment <> 0)",
    )
    return {row["month"]: (row["actual"], row["commitment"]) for row in rows}


def test_the_example_gives_the_cost_of_its_exports(tmp_path: Path) -> None:
    own = EXAMPLE[EXAMPLE.index("# Work packages") :]
    (tmp_path / "pmo.toml").write_text(tiny_company.CONFIG + own, encoding="utf-8")
    registers = {
        "project_scopes.csv": "source,scope_type,scope_id,project_id\nsap,order,000000080001,P1\nsap-open,order,000000080001,P1\n",
        "cost_category_map.csv": "source,source_category,category\nsap,0000400000,license\nsap-open,0000400000,license\n",
    }
    tiny_company.deliver(tmp_path / "delivered", tiny_company.FILES | registers, FIRST_DELIVERY)
    drop(tmp_path, "items_2026_03.txt", ITEMS, "cp1252", 0)
    drop(tmp_path, "open_20260228.txt", OPEN.replace("900,00", "9.000,00"), "utf-8", 0)
    drop(tmp_path, "open_20260331.txt", OPEN, "utf-16", 1)
    read = land(tmp_path, "first")
    with duckdb.connect() as connection:
        files = [str(tmp_path / "home" / load.quarantine.path) for load in read["sap"].loads if load.quarantine]
        reasons = Counter(word for (word,) in connection.execute("select reason from read_parquet(?)", [files]).fetchall())
    assert reasons == {"page_header": 3, "subtotal": 2}
    # 1,234.56 + 500.00 - 500.00; the closing period of 2025; the list of 31 March alone, what is due in June on its day.
    assert costs(tmp_path) == {"2025-12": (Decimal(100), Decimal(0)), "2026-03": (Decimal("1234.56"), Decimal(950))}

    # A list in which nothing is open any more takes back what was.
    drop(tmp_path, "open_20260331.txt", OPEN.splitlines()[0] + "\n", "utf-16", 2)
    land(tmp_path, "second")
    assert costs(tmp_path)["2026-03"] == (Decimal("1234.56"), Decimal(0))
