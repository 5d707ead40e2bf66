"""Lists as SAP exports them, read through the shipped presets: numbers, dates, encodings, the layout of a list, snapshots."""

from __future__ import annotations

import gzip
from decimal import Decimal
from typing import Any

import pytest

from ingest.config import EntityMapping
from ingest.entities import ENTITIES
from ingest.quarantine import LAYOUT_REASONS, Reason
from ingest.sources.files.dialect import likeness
from ingest.sources.files.entity_rules import entity_rules
from ingest.sources.files.presets import preset_entity, preset_names
from reports import landing_checks
from tests.support.deliveries import Deliveries

COLUMNS = ("BUKRS", "GJAHR", "BELNR", "BUZEI", "BUDAT", "BLDAT", "PERIO", "KSTAR", "KOSTL", "AUFNR", "PSPNR", "WTGBTR", "TWAER", "WRTTP")
LINE = {
    "BUKRS": "1000",
    "GJAHR": "2026",
    "BELNR": "0090000001",
    "BUZEI": "001",
    "BUDAT": "05.03.2026",
    "BLDAT": "04.03.2026",
    "PERIO": "003",
    "KSTAR": "0000400000",
    "KOSTL": "",
    "AUFNR": "",
    "PSPNR": "P-100-1",
    "WTGBTR": "1.234,56",
    "TWAER": "EUR",
    "WRTTP": "04",
}


def line(**cells: str) -> dict[str, str]:
    return LINE | cells


def export(*lines: dict[str, str], delimiter: str = ";", columns: tuple[str, ...] = COLUMNS, ending: str = "\r\n") -> str:
    rows = [delimiter.join(columns), *(delimiter.join(row.get(name, "") for name in columns) for row in lines)]
    return ending.join(rows) + ending


@pytest.fixture
def sap(deliveries: Deliveries) -> Deliveries:
    deliveries.mappings["cost_transactions"] = EntityMapping(preset="sap-line-items", files=["items*.txt", "items*.txt.gz"])
    return deliveries


@pytest.fixture
def commitments(deliveries: Deliveries) -> Deliveries:
    deliveries.mappings["cost_transactions"] = EntityMapping(preset="sap-commitments", files="open*.txt")
    return deliveries


def only_row(deliveries: Deliveries) -> dict[str, Any]:
    (row,) = deliveries.accepted("cost_transactions")
    return row


def test_a_line_item_becomes_a_cost_transaction(sap: Deliveries) -> None:
    result = sap.run_alone("items_2026_03.txt", export(line()))
    assert result.rejected == result.drift == []
    row = only_row(sap)
    expected = {
        "transaction_id": "1000-2026-0090000001-001",
        "scope_id": "P-100-1",
        "posting_date": "2026-03-05",
        "document_date": "2026-03-04",
        "amount": "1234.56",
        "currency": "EUR",
        "category": "0000400000",
        "kind": "actual",
        "reverses_id": None,
        "note": None,
    }
    assert {name: row[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        ("1.234,56-", "-1234.56"),
        ("-1.234,56", "-1234.56"),
        ("1.234.567,89", "1234567.89"),
        ("1 234,5", "1234.5"),
        (" 12,00 ", "12.00"),
        ("12", "12"),
        ("1.234", "1234"),
        ("123456789012345,99-", "-123456789012345.99"),
        ("0,00-", "-0.00"),
    ],
)
def test_amounts_keep_every_digit(sap: Deliveries, written: str, amount: str) -> None:
    sap.run_alone("items.txt", export(line(WTGBTR=written)))
    assert only_row(sap)["amount"] == amount


@pytest.mark.parametrize("written", ["1,234.56", "1234.56", "1.23", "12.34.567,00", "--1,00", "-1,00-", "1,2,3", "EUR 5,00"])
def test_an_amount_of_another_format_is_set_aside_and_not_guessed(sap: Deliveries, written: str) -> None:
    sap.run_alone("items.txt", export(line(WTGBTR=written)))
    ((_, column, value, reason),) = sap.bad()
    assert (column, value, reason) == ("amount", f"{written} (a decimal comma expected)", Reason.NOT_A_NUMBER)


def test_an_export_with_decimal_points_overrides_one_column(deliveries: Deliveries) -> None:
    own = {"amount": "sap_amount_point(WTGBTR)"}
    deliveries.mappings["cost_transactions"] = EntityMapping(preset="sap-line-items", files="*.txt", columns=own)
    deliveries.run_alone("items.txt", export(line(WTGBTR="1,234.56-")))
    row = only_row(deliveries)
    assert (row["amount"], row["posting_date"]) == ("-1234.56", "2026-03-05")


@pytest.mark.parametrize(
    ("written", "day"), [("31.12.2026", "2026-12-31"), ("20261231", "2026-12-31"), ("1.2.2026", "2026-02-01"), ("2026-12-31", "2026-12-31")]
)
def test_dates(sap: Deliveries, written: str, day: str) -> None:
    sap.run_alone("items.txt", export(line(BUDAT=written)))
    assert only_row(sap)["posting_date"] == day


@pytest.mark.parametrize("written", ["31.02.2026", "20261301", "12/31/2026", "2026", "gestern"])
def test_what_is_no_date_is_set_aside(sap: Deliveries, written: str) -> None:
    sap.run_alone("items.txt", export(line(BUDAT=written)))
    assert sap.bad() == [(2, "posting_date", written, Reason.NOT_A_DATE)]


def test_an_empty_date_of_sap_is_no_date(sap: Deliveries) -> None:
    sap.run_alone("items.txt", export(line(BLDAT="00000000"), line(BUZEI="002", BUDAT="00.00.0000")))
    assert only_row(sap)["document_date"] is None
    assert sap.bad() == [(3, "posting_date", None, Reason.MISSING_REQUIRED)]


@pytest.mark.parametrize("delimiter", [";", "\t"])
@pytest.mark.parametrize(
    "encoded",
    [
        pytest.param(lambda text: text.encode("cp1252"), id="cp1252"),
        pytest.param(lambda text: b"\xff\xfe" + text.encode("utf-16-le"), id="utf-16-le with a mark"),
        pytest.param(lambda text: text.encode("utf-16-le"), id="utf-16-le"),
        pytest.param(lambda text: text.encode("utf-8"), id="utf-8"),
        pytest.param(lambda text: b"\xef\xbb\xbf" + text.encode("utf-8"), id="utf-8 with a mark"),
    ],
)
def test_encodings_and_delimiters(sap: Deliveries, encoded: Any, delimiter: str) -> None:
    note = "Prüfung für 5 €"
    content = export(line(SGTXT=note), delimiter=delimiter, columns=(*COLUMNS, "SGTXT"))
    sap.run_alone("items.txt", encoded(content))
    assert only_row(sap)["note"] == note
    assert sap.bad() == []


def test_a_packed_file_in_an_old_encoding(sap: Deliveries) -> None:
    sap.run_alone("items.txt.gz", gzip.compress(export(line(SGTXT="Müller"), columns=(*COLUMNS, "SGTXT")).encode("cp1252")))
    assert only_row(sap)["note"] == "Müller"


def test_a_large_file_in_utf_16_is_read_to_its_end(sap: Deliveries) -> None:
    many = [line(BELNR=f"{number:010}", SGTXT="ä" * 100) for number in range(1, 30_001)]
    result = sap.run_alone("items.txt", b"\xff\xfe" + export(*many, columns=(*COLUMNS, "SGTXT")).encode("utf-16-le"))
    assert [(load.rows_read, load.rows_accepted) for load in result.loads] == [(30_000, 30_000)]


def test_a_byte_that_is_no_character_costs_its_row(sap: Deliveries) -> None:
    content = export(line(SGTXT="gut: ü"), line(BUZEI="002", SGTXT="schlecht: ?"), columns=(*COLUMNS, "SGTXT")).encode("cp1252")
    sap.run_alone("items.txt", content.replace(b"schlecht: ?", b"schlecht: \x81"))
    assert only_row(sap)["note"] == "gut: ü"
    ((number, _, _, reason),) = sap.bad()
    assert (number, reason) == (3, Reason.INVALID_UTF8)


def test_leading_zeros_stay(sap: Deliveries) -> None:
    sap.run_alone("items.txt", export(line(PSPNR="", AUFNR="00012345", BELNR="0000000007")))
    row = only_row(sap)
    assert (row["scope_id"], row["transaction_id"], row["category"]) == ("00012345", "1000-2026-0000000007-001", "0000400000")


def test_the_first_of_work_package_order_and_cost_center_that_is_filled_is_the_scope(sap: Deliveries) -> None:
    sap.run_alone(
        "items.txt",
        export(
            line(PSPNR="P-1", AUFNR="0001", KOSTL="0002"),
            line(BUZEI="002", PSPNR="00000000", AUFNR="0001", KOSTL="0002"),
            line(BUZEI="003", PSPNR="", AUFNR="", KOSTL="0002"),
            line(BUZEI="004", PSPNR="", AUFNR="", KOSTL=""),
        ),
    )
    assert [row["scope_id"] for row in sap.accepted("cost_transactions")] == ["P-1", "0001", "0002"]
    assert sap.bad() == [(5, "project_id or scope_id", None, Reason.MISSING_REQUIRED)]


def test_columns_that_a_list_need_not_have(sap: Deliveries) -> None:
    needed = tuple(name for name in COLUMNS if name not in ("BLDAT", "PERIO", "AUFNR", "PSPNR"))
    assert sap.run_alone("items.txt", export(line(KOSTL="0000004711"), columns=needed)).rejected == []
    row = only_row(sap)
    assert (row["scope_id"], row["document_date"], row["posting_date"]) == ("0000004711", None, "2026-03-05")


@pytest.mark.parametrize(
    ("period", "posted", "day", "note"),
    [
        ("012", "31.12.2026", "2026-12-31", None),
        ("013", "15.01.2027", "2026-12-31", "period 13"),
        ("016.2026", "20270320", "2026-12-31", "period 16"),
        ("014", "05.12.2026", "2026-12-05", "period 14"),
    ],
)
def test_closing_periods_belong_to_december_and_are_kept(sap: Deliveries, period: str, posted: str, day: str, note: str | None) -> None:
    sap.run_alone("items.txt", export(line(PERIO=period, BUDAT=posted)))
    row = only_row(sap)
    assert (row["posting_date"], row["note"]) == (day, note)
    assert f'"PERIO":"{period}"' in row["payload"]


PRINTED = """\
Einzelposten Aufträge                                   Seite {page}
Datum 31.03.2026

{header}
"""


def printed_list(delimiter: str) -> str:
    header = delimiter.join(COLUMNS)
    posts = [delimiter.join(line(BUZEI=f"{number:03}", WTGBTR="100,00")[name] for name in COLUMNS) for number in (1, 2, 3)]
    sums = delimiter.join({"WTGBTR": "200,00", "TWAER": "EUR"}.get(name, "") for name in COLUMNS)
    total = delimiter.join(("**", *({"WTGBTR": "300,00", "TWAER": "EUR"}.get(name, "") for name in COLUMNS[1:])))
    first, second = (PRINTED.format(page=page, header=header) for page in (1, 2))
    return first + f"{posts[0]}\n{posts[1]}\n{sums}\n" + "-" * 60 + "\n" + second + f"{posts[2]}\n{total}\n*** Summe 300,00\n"


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_page_headers_and_subtotals_are_set_aside_and_never_summed(sap: Deliveries, delimiter: str) -> None:
    result = sap.run_alone("items.txt", printed_list(delimiter))
    amounts = [Decimal(row["amount"]) for row in sap.accepted("cost_transactions")]
    assert amounts == [Decimal("100.00")] * 3
    assert [(number, reason) for number, _, _, reason in sorted(sap.bad())] == [
        (1, Reason.PAGE_HEADER),
        (2, Reason.PAGE_HEADER),
        (7, Reason.SUBTOTAL),
        (8, Reason.PAGE_HEADER),
        (9, Reason.PAGE_HEADER),
        (10, Reason.PAGE_HEADER),
        (12, Reason.PAGE_HEADER),
        (14, Reason.SUBTOTAL),
        (15, Reason.SUBTOTAL),
    ]
    (load,) = result.loads
    assert (load.rows_read, load.rows_accepted, load.rows_quarantined) == (12, 3, 9)


def test_a_printed_list_is_no_bad_file_but_broken_postings_are(sap: Deliveries) -> None:
    sap.run_alone("items_good.txt", printed_list(";"))
    warehouse = sap.warehouse()
    shares = [v for v in landing_checks.landing_verdicts(warehouse) if v.check_name.startswith("quarantine_share")]
    assert [(verdict.passed, verdict.observed) for verdict in shares] == [(True, "0.00%")]
    sap.run_alone("items_bad.txt", printed_list(";").replace("0090000001", "0090000002").replace("100,00", "1,2,3", 1))
    (verdict,) = [v for v in landing_checks.landing_verdicts(sap.warehouse()) if v.check_name.startswith("quarantine_share")]
    assert (verdict.passed, verdict.observed, len(verdict.rows)) == (False, "33.33%", 1)


def test_the_gate_and_the_reader_agree_on_what_is_layout() -> None:
    assert tuple(LAYOUT_REASONS) == landing_checks.LAYOUT_REASONS


def test_a_row_without_a_document_number_is_a_bad_row_and_no_subtotal(sap: Deliveries) -> None:
    sap.run_alone("items.txt", export(line(BELNR="")))
    assert sap.bad() == [(2, "transaction_id", None, Reason.MISSING_REQUIRED)]


def test_a_posting_that_resembles_a_title_stays_a_posting() -> None:
    assert likeness(["EUR"]) != likeness(["1000", "2026", "EUR"])
    assert likeness(["Seite   1", "", ""]) == likeness(["Seite 12"])


def test_a_list_without_the_header_is_rejected(sap: Deliveries) -> None:
    (rejected,) = sap.run_alone("items.txt", "Einzelposten\nBuchungskreis;Beleg\n1000;1\n").rejected
    assert "registers/items.txt: none of its first lines is a header with `BELNR` and `BUDAT`" in rejected.reason
    assert "header = [...]" in rejected.reason


def test_a_missing_currency_column_rejects_the_file(sap: Deliveries) -> None:
    columns = tuple(name for name in COLUMNS if name != "TWAER")
    result = sap.run_alone("items.txt", export(line(), columns=columns))
    assert result.loads == []
    (rejected,) = result.rejected
    assert "the mapping of cost_transactions.currency does not fit: the file has no column `TWAER`" in rejected.reason
    assert "Nothing of this file was loaded" in rejected.reason


def test_a_reversal_nets_to_zero_and_both_rows_stay(sap: Deliveries) -> None:
    reversal = line(BELNR="0090000002", WTGBTR="1.234,56-", STOKZ="X", REFBN="0090000001")
    sap.run_alone("items.txt", export(line(), reversal, columns=(*COLUMNS, "STOKZ", "REFBN")))
    first, second = sap.accepted("cost_transactions")
    assert Decimal(first["amount"]) + Decimal(second["amount"]) == 0
    assert (first["reverses_id"], second["reverses_id"]) == (None, first["transaction_id"])


def test_the_same_file_twice_changes_nothing(sap: Deliveries) -> None:
    sap.run_alone("items.txt", printed_list(";").encode("cp1252"))
    before = sap.files_of_landing()
    assert sap.run_alone("items.txt", printed_list(";").encode("cp1252")).loads == []
    assert sap.files_of_landing() == before


def test_value_types(sap: Deliveries) -> None:
    kinds = ("04", "4", "01", "21", "11")
    sap.run_alone("items.txt", export(*(line(BUZEI=f"{n:03}", WRTTP=kind) for n, kind in enumerate(kinds, start=1))))
    assert [row["kind"] for row in sap.accepted("cost_transactions")] == ["actual", "actual"]
    assert sap.bad() == [
        (4, None, None, Reason.EXCLUDED),
        (5, "kind", "21 (a commitment: read its list with the preset sap-commitments)", Reason.NOT_ALLOWED),
        (6, "kind", "11", Reason.NOT_ALLOWED),
    ]


def commitment(**cells: str) -> dict[str, str]:
    return line(WRTTP="22", **cells)


def test_commitments_are_the_list_of_the_day_in_the_name(commitments: Deliveries) -> None:
    late = commitment(BUZEI="002", BUDAT="15.02.2027")
    result = commitments.run_alone("open_20261130.txt", export(commitment(), late))
    assert [load.snapshot_date for load in result.loads] == ["2026-11-30"]
    rows = commitments.accepted("cost_transactions")
    assert [(row["kind"], row["posting_date"]) for row in rows] == [("commitment", "2026-03-05"), ("commitment", "2026-11-30")]
    loads = commitments.warehouse().execute("select snapshot_date from landing.loads").fetchall()
    assert loads == [("2026-11-30",)]


def test_without_a_date_in_the_name_the_day_of_writing_counts(commitments: Deliveries) -> None:
    result = commitments.run_alone("open.txt", export(commitment()))
    assert [load.snapshot_date for load in result.loads] == ["2023-11-14"]


def test_a_second_list_of_a_day_under_another_name_is_refused(commitments: Deliveries) -> None:
    commitments.run_alone("open_1000_20261130.txt", export(commitment()))
    result = commitments.run_alone("open_2000_20261130.txt", export(commitment(BUKRS="2000")))
    assert result.loads == []
    (rejected,) = result.rejected
    assert "the list of 2026-11-30 is here already as open_1000_20261130.txt" in rejected.reason
    assert "a source of its own" in rejected.reason
    corrected = commitments.run_alone("open_1000_20261130.txt", export(commitment(WTGBTR="1,00")))
    assert [load.file for load in corrected.loads] == ["open_1000_20261130.txt"]


def test_inch_marks_in_a_list_without_quotes(deliveries: Deliveries) -> None:
    deliveries.mappings["cost_transactions"] = EntityMapping(preset="sap-line-items", files="*.txt", quoted=False)
    deliveries.run_alone("items.txt", export(line(SGTXT='Rohr 3" lang'), delimiter="\t", columns=(*COLUMNS, "SGTXT")))
    assert only_row(deliveries)["note"] == 'Rohr 3" lang'


@pytest.mark.parametrize("name", preset_names())
def test_every_preset_is_a_mapping_that_can_be_used(name: str) -> None:
    entity = preset_entity(name)
    rules = entity_rules("sap", entity, EntityMapping(preset=name))
    assert set(ENTITIES[entity].required) <= rules.expressions.keys()


def test_a_mapping_without_the_new_keys_keeps_its_hash() -> None:
    columns = {"name": "upper(name)"}
    as_before = "6a5702679bfba6e59a8b4bcdde267c83f520624460bc3e0c4647fc02a289cb29"
    assert entity_rules("a", "projects", EntityMapping(columns=columns)).mapping_hash == as_before
