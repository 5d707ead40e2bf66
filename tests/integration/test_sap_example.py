"""Exports of SAP through the whole pipeline: a synthetic list and two lists of commitments, down to the published cost of a project."""

from __future__ import annotations

import os
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from tests.support import tiny_company
from tests.support.command import FIRST_DELIVERY, Workplace, make_workplace

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


def drop(workplace: Workplace, name: str, text: str, encoding: str, day: int) -> None:
    path = workplace.root / "sap" / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(text.replace("\n", "\r\n").encode(encoding))
    os.utime(path, (FIRST_DELIVERY + day * 86_400,) * 2)


def costs(workplace: Workplace) -> dict[tuple[str, str], tuple[Decimal, Decimal]]:
    with duckdb.connect(str(workplace.current / "pmo.duckdb"), read_only=True) as connection:
        rows = connection.execute(
            "select strftime(month, '%Y-%m'), category, actual, commitment from reports.cost_summary "
            "where project_id = 'P1' and category = 'license' and (actual <> 0 or commitment <> 0)"
        ).fetchall()
    return {(month, category): (actual, commitment) for month, category, actual, commitment in rows}


def test_the_example_publishes_the_cost_of_its_exports(tmp_path: Path) -> None:
    workplace = make_workplace(tmp_path / "company")
    own = EXAMPLE[EXAMPLE.index("# Work packages") :]
    (workplace.root / "pmo.toml").write_text(tiny_company.CONFIG + own, encoding="utf-8")
    registers = {
        "project_scopes.csv": "source,scope_type,scope_id,project_id\nsap,order,000000080001,P1\nsap-open,order,000000080001,P1\n",
        "cost_category_map.csv": "source,source_category,category\nsap,0000400000,license\nsap-open,0000400000,license\n",
    }
    tiny_company.deliver(workplace.delivered, registers, FIRST_DELIVERY)
    drop(workplace, "items_2026_03.txt", ITEMS, "cp1252", 0)
    drop(workplace, "open_20260228.txt", OPEN.replace("900,00", "9.000,00"), "utf-8", 0)
    drop(workplace, "open_20260331.txt", OPEN, "utf-16", 1)
    ran = workplace.run()
    assert ran.returncode == 0, ran.stdout + ran.stderr
    # 1,234.56 + 500.00 - 500.00; the closing period of 2025; the list of 31 March alone, what is due in June on its day.
    expected = {("2025-12", "license"): (Decimal(100), Decimal(0)), ("2026-03", "license"): (Decimal("1234.56"), Decimal(950))}
    assert costs(workplace) == expected
    quarantined = workplace.pmo("quarantine", "--source", "sap", "--json").stdout
    assert (quarantined.count('"page_header"'), quarantined.count('"subtotal"')) == (3, 2)

    # A list in which nothing is open any more takes back what was.
    drop(workplace, "open_20260331.txt", OPEN.splitlines()[0] + "\n", "utf-16", 2)
    assert workplace.run().returncode == 0
    assert costs(workplace)["2026-03", "license"] == (Decimal("1234.56"), Decimal(0))
