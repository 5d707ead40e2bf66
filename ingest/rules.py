"""Row rules of the file contract as SQL, generated from `entities.py`.

Belongs here: what a cell must look like, its one canonical spelling, what makes a row bad and which column is to blame.
Does not: where the cells come from (`sources/files`, `records.py`), duplicate keys (`judge.py` there), meaning and types (dbt staging).

Every cell is text when it comes here. `canonical` gives the spelling that is landed, NULL where the cell does not parse; so a value that
is landed can be cast by anybody: `1`, `01` and `1.0` of an integer column are all `1`, choices are in lower case, currencies in upper case,
an instant has seconds and a colon in its offset.
"""

from __future__ import annotations

from ingest.entities import DELETE_COLUMN, Column, ColumnType, Entity
from ingest.quarantine import Reason

_T = ColumnType
FIRST_YEAR, LAST_YEAR = 1970, 2100
_INTEGER_LIMIT = 2**31 - 1
_DECIMAL_LIMIT = 10**15
"""Beyond these a number is a slip of the keyboard, and would not fit the warehouse's types."""

_BLANKS = (32, 9, 10, 13, 160)
_CANONICAL_INSTANT = r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})?"
_ANY_INSTANT = r"(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2})(:\d{2}(?:\.\d{1,9})?)?(?:([Zz])|([+-]\d{2}):?(\d{2})?)?"
_NOT_PARSED: dict[ColumnType, Reason] = {
    _T.TEXT: Reason.NOT_ALLOWED,
    _T.INTEGER: Reason.NOT_A_NUMBER,
    _T.DECIMAL: Reason.NOT_A_NUMBER,
    _T.BOOLEAN: Reason.NOT_A_BOOLEAN,
    _T.DATE: Reason.NOT_A_DATE,
    _T.INSTANT: Reason.NOT_AN_INSTANT,
    _T.DATE_OR_INSTANT: Reason.NOT_AN_INSTANT,
    _T.TIME: Reason.NOT_A_TIME,
    _T.PERIOD: Reason.NOT_A_PERIOD,
    _T.CURRENCY: Reason.NOT_A_CURRENCY,
    _T.TIME_ZONE: Reason.UNKNOWN_TIME_ZONE,
}


def trimmed(text: str) -> str:
    """A cell without blanks around it; one with nothing else is NULL.

    Nearly no cell has any, and to look at both ends costs a fifth of trimming.
    """
    ends = " or ".join(f"suffix({text}, chr({code}))" for code in _BLANKS)
    starts = f"ascii({text}) <= 32 or ascii({text}) = 160"
    blanks = " || ".join(f"chr({code})" for code in _BLANKS)
    return f"case when {starts} or {ends} then nullif(trim({text}, {blanks}), '') else {text} end"


def native_text(value: str, native: str, column: Column) -> str:
    """Text of a cell that has a type of its own (Parquet, or the result of an expression).

    Args:
        native: DuckDB's name of its type.
        column: where it goes; a timestamp at midnight is a date there if that is what the column holds.
    """
    if native == "VARCHAR":
        return value
    if native.startswith("TIMESTAMP"):
        stamp = value if native == "TIMESTAMP WITH TIME ZONE" else f"cast({value} as timestamp)"
        text = f"replace(cast({stamp} as varchar), ' ', 'T')"
        if column.type in (_T.DATE, _T.PERIOD) and native != "TIMESTAMP WITH TIME ZONE":
            return f"case when {stamp} = date_trunc('day', {stamp}) then cast(cast({stamp} as date) as varchar) else {text} end"
        return text
    if native.endswith("]") or native.startswith(("STRUCT", "MAP", "UNION")):
        return f"cast(to_json({value}) as varchar)"
    return f"cast({value} as varchar)"


def canonical(cell: str, column: Column) -> str:  # noqa: PLR0911 - one return a type
    """The spelling in which a trimmed cell is landed; NULL where it does not parse."""
    if column.choices:
        words = ", ".join(f"'{choice}'" for choice in column.choices)
        return f"case when lower({cell}) in ({words}) then lower({cell}) end"
    match column.type:
        case _T.TEXT:
            return cell
        case _T.INTEGER:
            is_whole = f"regexp_full_match({cell}, '[+-]?\\d{{1,36}}(\\.0*)?')"
            return f"case when {is_whole} then cast(try_cast({cell} as decimal(38, 0)) as varchar) end"
        case _T.DECIMAL:
            is_number = f"regexp_full_match({cell}, '[+-]?(\\d+(\\.\\d*)?|\\.\\d+)([eE][+-]?\\d{{1,3}})?')"
            return f"case when {is_number} then ltrim({cell}, '+') end"
        case _T.BOOLEAN:
            return f"case when lower({cell}) in ('true', '1') then 'true' when lower({cell}) in ('false', '0') then 'false' end"
        case _T.DATE:
            return f"case when {_is_date(cell)} then {cell} end"
        case _T.INSTANT:
            return f"case when {_is_date(cell)} then {cell} || 'T00:00:00' else {_instant(cell)} end"
        case _T.DATE_OR_INSTANT:
            return f"case when {_is_date(cell)} then {cell} else {_instant(cell)} end"
        case _T.TIME:
            is_time = f"regexp_full_match({cell}, '\\d{{1,2}}:\\d{{2}}(:\\d{{2}})?')"
            return f"case when {is_time} then cast(try_cast({cell} as time) as varchar) end"
        case _T.PERIOD:
            month = f"regexp_full_match({cell}, '\\d{{4}}-(0[1-9]|1[0-2])(-01)?')"
            return f"case when lower({cell}) = 'total' then 'total' when {month} then left({cell}, 7) end"
        case _T.CURRENCY:
            return f"case when regexp_full_match({cell}, '[A-Za-z]{{3}}') then upper({cell}) end"
        case _T.TIME_ZONE:
            return f"case when {cell} in (select name from time_zones) then {cell} end"


def cell_reason(cell: str, landed: str, column: Column, is_deleted: str) -> str:
    """SQL of the reason why a cell is bad; NULL for a good one. A row that retires its key needs the key alone.

    Args:
        cell: the trimmed text.
        landed: its canonical form.
    """
    branches = []
    if column.required:
        excused = "" if column.key else f" and not {is_deleted}"
        branches.append(f"when {cell} is null{excused} then '{Reason.MISSING_REQUIRED}'")
    branches.append(f"when {cell} is null then null")
    branches.append(f"when {_is_formula(cell)} then '{Reason.FORMULA_CELL}'")
    if column.type is not _T.TEXT or column.choices:
        not_parsed = Reason.NOT_ALLOWED if column.choices else _NOT_PARSED[column.type]
        branches.append(f"when {landed} is null then '{not_parsed}'")
    out_of_range = _out_of_range(landed, column)
    if out_of_range:
        branches.append(f"when {out_of_range} then '{Reason.OUT_OF_RANGE}'")
    return f"case {' '.join(branches)} end"


def is_plainly_good(cell: str, column: Column) -> str:
    """SQL: whether a cell is good beyond doubt, untrimmed as it is. What is not may be good all the same: `cell_reason` knows.

    One look instead of many: for sources that give a hundred thousand records of which hardly one is bad.
    """
    if column.choices:
        words = ", ".join(f"'{choice}'" for choice in column.choices)
        good = f"{cell} in ({words})"
    elif column.type is _T.TEXT:
        # Neither a blank at an end nor the first letter of a formula.
        good = f"ascii({cell}) > 64 or ascii({cell}) between 48 and 57"
        good = f"({good}) and ascii(right({cell}, 1)) > 32 and ascii(right({cell}, 1)) <> 160"
    elif column.type is _T.INTEGER:
        # Ten digits: seconds since 1970 are an integer, too.
        good = f"regexp_full_match({cell}, '\\d{{1,10}}') and try_cast({cell} as bigint){_between(column)}"
    elif column.type is _T.DECIMAL:
        good = f"regexp_full_match({cell}, '\\d{{1,12}}(\\.\\d{{1,9}})?') and try_cast({cell} as double){_between(column)}"
    elif column.type is _T.BOOLEAN:
        good = f"{cell} in ('true', 'false', '1', '0')"
    elif column.type is _T.DATE:
        good = f"{_is_date(cell)} and {cell} between '{FIRST_YEAR}' and '{LAST_YEAR}'"
    elif column.type is _T.INSTANT:
        is_instant = f"regexp_full_match({cell}, '{_ANY_INSTANT}') and try_cast({cell} as timestamptz) is not null"
        good = f"{cell} between '{FIRST_YEAR}' and '{LAST_YEAR}' and {is_instant}"
    else:
        good = "false"
    return f"({good})" if column.required else f"({cell} is null or ({good}))"


def _between(column: Column) -> str:
    low = 0 if column.minimum is None else column.minimum
    high = _INTEGER_LIMIT if column.maximum is None else column.maximum
    return f" between {low} and {high}"


def finish_before_start(entity: Entity, start: str, finish: str, start_cell: str, finish_cell: str) -> str:
    """SQL: whether the finish is certainly before the start.

    Two instants that both name an offset, or both do not, are compared as they are. Where the two days may be of different zones, as the
    zone of the project is not known here, a day of grace is given.
    """
    types = {entity.column(start).type, entity.column(finish).type}
    if types in ({_T.DATE}, {_T.TIME}):
        return f"{finish_cell} < {start_cell}"
    are_instants = " and ".join(f"regexp_full_match({cell}, '{_CANONICAL_INSTANT}')" for cell in (start_cell, finish_cell))
    has_offset = "regexp_matches({}, 'T.*(Z|[+-]\\d{{2}}:\\d{{2}})$')"
    start_day, finish_day = (f"try_cast(left({cell}, 10) as date)" for cell in (start_cell, finish_cell))
    return (
        f"case when {has_offset.format(start_cell)} <> {has_offset.format(finish_cell)} then {finish_day} < {start_day} - 1 "
        f"when {has_offset.format(start_cell)} "
        f"then try_cast({finish_cell} as timestamptz) < try_cast({start_cell} as timestamptz) "
        f"when {are_instants} "
        f"then try_cast({finish_cell} as timestamp) < try_cast({start_cell} as timestamp) "
        f"else {finish_day} < {start_day} end"
    )


def is_deleted(cell: str) -> str:
    """SQL: whether the row retires its key."""
    return f"coalesce({canonical(cell, DELETE_COLUMN)} = 'true', false)"


def _is_date(cell: str) -> str:
    return f"(regexp_full_match({cell}, '\\d{{4}}-\\d{{2}}-\\d{{2}}') and try_cast({cell} as date) is not null)"


def _instant(cell: str) -> str:
    """ISO 8601 with `T` or a blank, seconds or none, offset or none, in one spelling."""
    part = f"regexp_extract({cell}, '{_ANY_INSTANT}', ['day', 'minute', 'second', 'utc', 'hours', 'minutes'])"
    spelled = (
        f"case when regexp_full_match({cell}, '{_CANONICAL_INSTANT}') then {cell} "
        f"when regexp_full_match({cell}, '{_ANY_INSTANT}') then {part}.day || 'T' || {part}.minute "
        f"|| case when {part}.second = '' then ':00' else {part}.second end "
        f"|| case when {part}.utc <> '' then 'Z' when {part}.hours = '' then '' "
        f"else {part}.hours || ':' || case when {part}.minutes = '' then '00' else {part}.minutes end end end"
    )
    return f"case when try_cast({spelled} as timestamptz) is not null then {spelled} end"


def _is_formula(cell: str) -> str:
    """A cell that a spreadsheet would run, as `=A1`, `+HYPERLINK(…)`, `-1+cmd|…!A1`, or the error that came of it, as `#N/A`.

    Not `-5`, `+49 30`, `@name`, `- a note`, `=>`, `#12`.
    """
    formula = r"(?s)^(=[^= >]|[+@-][A-Za-z][A-Za-z0-9_.]*\(|[=+@-].*\|.*!|#(N/A|DIV/0!|REF!|VALUE!|NAME\?|NUM!|NULL!|SPILL!|CALC!)$)"
    return f"(ascii({cell}) in (35, 43, 45, 61, 64) and regexp_matches({cell}, '{formula}'))"  # # + - = @


def _out_of_range(landed: str, column: Column) -> str:
    match column.type:
        case _T.INTEGER:
            lowest = -_INTEGER_LIMIT if column.minimum is None else int(column.minimum)
            highest = _INTEGER_LIMIT if column.maximum is None else int(column.maximum)
            return f"cast({landed} as decimal(38, 0)) not between {lowest} and {highest}"
        case _T.DECIMAL:
            low = -_DECIMAL_LIMIT if column.minimum is None else column.minimum
            high = _DECIMAL_LIMIT if column.maximum is None else column.maximum
            return f"coalesce(try_cast({landed} as double) not between {low} and {high}, true)"
        case _T.DATE | _T.INSTANT | _T.DATE_OR_INSTANT:
            return f"left({landed}, 4) not between '{FIRST_YEAR}' and '{LAST_YEAR}'"
        case _T.PERIOD:
            return f"{landed} <> 'total' and left({landed}, 4) not between '{FIRST_YEAR}' and '{LAST_YEAR}'"
        case _:
            return ""
