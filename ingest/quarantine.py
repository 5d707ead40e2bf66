"""Quarantine: why a record is not good enough for landing, and the shape in which it is kept.

Belongs here: the reasons, what each asks of the person who delivered the record, the columns of a quarantine file.
Does not: how a record is judged (`sources/files/rules.py`), where the file is written (`landing.py`).
"""

from __future__ import annotations

from enum import StrEnum

import pyarrow as pa


class Reason(StrEnum):
    """Why a record was set aside."""

    MISSING_REQUIRED = "missing_required"
    NOT_A_NUMBER = "not_a_number"
    NOT_A_DATE = "not_a_date"
    NOT_AN_INSTANT = "not_an_instant"
    NOT_A_BOOLEAN = "not_a_boolean"
    NOT_A_TIME = "not_a_time"
    NOT_A_PERIOD = "not_a_period"
    NOT_A_CURRENCY = "not_a_currency"
    UNKNOWN_TIME_ZONE = "unknown_time_zone"
    NOT_ALLOWED = "not_allowed"
    OUT_OF_RANGE = "out_of_range"
    FINISH_BEFORE_START = "finish_before_start"
    CONFLICTING_KEY = "conflicting_key"
    FORMULA_CELL = "formula_cell"
    MAPPING_ERROR = "mapping_error"
    RAGGED_ROW = "ragged_row"
    UNCLOSED_QUOTE = "unclosed_quote"
    STRAY_QUOTE = "stray_quote"
    LINE_TOO_LONG = "line_too_long"
    INVALID_UTF8 = "invalid_utf8"
    NOT_JSON = "not_json"
    PAGE_HEADER = "page_header"
    SUBTOTAL = "subtotal"
    EXCLUDED = "excluded"


ADVICE: dict[Reason, str] = {
    Reason.MISSING_REQUIRED: "fill the cell",
    Reason.NOT_A_NUMBER: "write the number with a decimal point, no thousands separator and no unit",
    Reason.NOT_A_DATE: "write the date as YYYY-MM-DD",
    Reason.NOT_AN_INSTANT: "write the instant in ISO 8601, as 2026-03-01T09:30:00+01:00",
    Reason.NOT_A_BOOLEAN: "write true, false, 1 or 0",
    Reason.NOT_A_TIME: "write the time as HH:MM",
    Reason.NOT_A_PERIOD: "write the month as YYYY-MM, or total",
    Reason.NOT_A_CURRENCY: "write the three letters of ISO 4217, as EUR",
    Reason.UNKNOWN_TIME_ZONE: "write the IANA name of the zone, as Europe/Berlin",
    Reason.NOT_ALLOWED: "use one of the words of the file contract",
    Reason.OUT_OF_RANGE: "correct the value; the file contract names the limits",
    Reason.FINISH_BEFORE_START: "correct the start or the finish",
    Reason.CONFLICTING_KEY: "leave one row for the key in this file",
    Reason.FORMULA_CELL: "write the value itself, not a spreadsheet's formula or the error it came to",
    Reason.MAPPING_ERROR: "correct the cell, or the expression of this column in pmo.toml",
    Reason.RAGGED_ROW: "give the row as many cells as the header has; quote a cell that holds the delimiter",
    Reason.UNCLOSED_QUOTE: "close the quote that opens on this line",
    Reason.STRAY_QUOTE: "quote the whole cell and double the quotes inside it",
    Reason.LINE_TOO_LONG: "shorten the record; it is far longer than a table row can be",
    Reason.INVALID_UTF8: "save the file as UTF-8",
    Reason.NOT_JSON: "write one JSON object a line",
    Reason.PAGE_HEADER: "nothing: it is a page header of the list, and no record",
    Reason.SUBTOTAL: "nothing: it is a sum of other rows, and no record",
    Reason.EXCLUDED: "nothing: the mapping of this source leaves such rows out",
}
"""What each reason asks of the person who delivered the record."""

LAYOUT_REASONS = (Reason.PAGE_HEADER, Reason.SUBTOTAL, Reason.EXCLUDED)
"""Rows that are no records. They are shown like the others, and speak neither for nor against the quality of a file."""

SCHEMA = pa.schema(
    [
        ("_source", pa.string()),
        ("_connection", pa.string()),
        ("_stream", pa.string()),
        ("record", pa.string()),
        ("file", pa.string()),
        ("line", pa.int64()),
        ("column", pa.string()),
        ("value", pa.string()),
        ("reason", pa.string()),
        ("cells", pa.string()),
        ("_payload_hash", pa.string()),
        ("_extracted_at", pa.timestamp("us", tz="UTC")),
        ("_run_id", pa.string()),
    ]
)
"""One row of a quarantine file is one record; `column` and `value` are the first that failed, `cells` is the record in JSON."""
