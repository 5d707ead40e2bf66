"""Functions of ours that a mapping expression may use besides DuckDB's own.

Belongs here: how SAP writes numbers, dates, periods and ids.
Does not: which of DuckDB's functions are allowed (`mapping.py`), which column is what (`presets/`).

None of them fails, so a bad cell costs no second look at the file. What they cannot read they hand on as a text that the row rules refuse,
with a word of what was expected: the row is quarantined and shows what stood there.
"""

from __future__ import annotations

from typing import Final

import duckdb

_BLANKS = "' ' || chr(9) || chr(160)"
_GROUPED = r"(\d{1,3}([. ]\d{3})+|\d+)(,\d+)?"
_POINT_GROUPED = r"(\d{1,3}([, ]\d{3})+|\d+)(\.\d+)?"


def _amount(number: str, thousands: str, expected: str) -> str:
    """SQL of a signed number in plain digits; the sign stands before it or, as in lists, behind it."""
    text = f"trim(x, {_BLANKS})"
    digits = rf"replace(translate({text}, '{thousands} +-', ''), ',', '.')"
    return (
        f"case when coalesce({text}, '') = '' then null "
        f"when regexp_full_match({text}, '[+]?{number}') then {digits} "
        f"when regexp_full_match({text}, '-{number}|{number}-') then '-' || {digits} "
        f"else x || ' ({expected} expected)' end"
    )


_DAY = f"trim(x, {_BLANKS})"
FUNCTIONS: Final[dict[str, str]] = {
    # Text in, text out: an amount never becomes a binary fraction.
    "sap_amount": _amount(_GROUPED, ".", "a decimal comma"),
    "sap_amount_point": _amount(_POINT_GROUPED, ",", "a decimal point"),
    "sap_date": (
        f"case when translate(coalesce({_DAY}, ''), '0./- ', '') = '' then null "
        rf"when regexp_full_match({_DAY}, '\d{{1,2}}\.\d{{1,2}}\.\d{{4}}') "
        f"then coalesce(strftime(try_strptime({_DAY}, '%d.%m.%Y'), '%Y-%m-%d'), x) "
        rf"when regexp_full_match({_DAY}, '\d{{8}}') then coalesce(strftime(try_strptime({_DAY}, '%Y%m%d'), '%Y-%m-%d'), x) "
        "else x end"
    ),
    "sap_period": rf"try_cast(regexp_extract(trim(x, {_BLANKS}), '^0*(\d{{1,2}})([./]\d{{4}})?$', 1) as integer)",
    # Leading zeros stay; nothing but zeros is SAP's way to say nothing.
    "sap_id": f"case when ltrim(trim(x, {_BLANKS}), '0') <> '' then trim(x, {_BLANKS}) end",
}
"""The body of each function of one argument `x`, a text."""


def create_functions(connection: duckdb.DuckDBPyConnection) -> None:
    """Make them known to a connection."""
    for name, body in FUNCTIONS.items():
        connection.execute(f"create temp macro {name}(x) as {body}")
