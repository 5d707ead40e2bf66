"""Readers: a delivered file becomes a table of rows in a DuckDB connection that can reach nothing else.

Belongs here: CSV, NDJSON, Parquet and XLSX, plain or gzipped; physical lines; an independent count of rows.
Does not: what a column means (`judge.py`), which file to read (`discovery.py`).
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from ingest.quarantine import Reason
from ingest.sources.files import workbook
from ingest.sources.files.dialect import PLAIN, ByteStream, Dialect, Recoded, likeness_sql, sniff_encoding
from ingest.sources.files.functions import create_functions
from ingest.sources.files.judge import LINE, Table
from ingest.sources.files.scan import RECORD_LIMIT, Fault, NotATable, Positions, Scan, scan_csv, scan_lines
from ingest.sql import literal, quoted

MEMORY_LIMIT = "2GB"
UNPACKED_LIMIT = 16 << 30
"""Bytes of an unpacked gzip file."""
RATIO_LIMIT = 300
"""Unpacked to packed size of a gzip file above `RATIO_FREE_BYTES`; tables stay under 50, a bomb is near 1000."""
RATIO_FREE_BYTES = 64 << 20
COLUMN_LIMIT = 4096
ROWS_PER_BYTE_LIMIT = 500
"""Rows to bytes of a Parquet file above `ROWS_FREE`: beyond, it says one value a billion times."""
ROWS_FREE = 10_000_000
_SEPARATOR = "\x1f"
"""Occurs in no JSON text, so that a line of NDJSON is one cell of delimited text."""


class Unusable(Exception):
    """A file that cannot be read at all: what is wrong with it, and what to do."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class Opened:
    """A file's rows in a connection.

    Attributes:
        faults: records that could not be read; they are not in the table.
        rows_read: all records of the file, counted by another way than the table was filled.
        page_header: SQL condition of the rows that print the header of a list again; empty where there are none.
    """

    connection: duckdb.DuckDBPyConnection
    table: Table
    faults: list[Fault]
    rows_read: int
    page_header: str = ""


@contextmanager
def open_table(path: Path, name: str, form: str, sheet: str | None, scratch: Path, dialect: Dialect = PLAIN) -> Iterator[Opened]:
    """Load a file (or a sheet of it) as table `rows`, then close the connection's way to any file.

    Args:
        name: the file's name as it was delivered.
        scratch: an empty folder on a disk with room for the unpacked file.
        dialect: how a CSV file is written; the other formats say it themselves.

    Raises:
        Unusable: the file cannot be read.
        OSError: the scratch folder cannot be written.
    """
    with duckdb.connect(config={"memory_limit": MEMORY_LIMIT, "autoinstall_known_extensions": False}) as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute("set python_enable_replacements = false")
        connection.execute(f"set temp_directory = {literal(str(scratch / 'spill'))}")
        match form:
            case "csv":
                opened = _open_csv(connection, path, name, scratch, dialect)
            case "ndjson":
                opened = _open_ndjson(connection, path, name, scratch)
            case "parquet":
                opened = _open_parquet(connection, path)
            case _:
                opened = _open_xlsx(connection, path, sheet, scratch)
        create_functions(connection)
        connection.execute("set enable_external_access = false")
        connection.execute("set lock_configuration = true")
        yield opened


def _open_csv(connection: duckdb.DuckDBPyConnection, path: Path, name: str, scratch: Path, dialect: Dialect) -> Opened:
    clean = scratch / "clean.csv"
    with _decoded(path, name, dialect) as source, clean.open("wb") as sink:
        try:
            scan = scan_csv(source, sink, dialect)
        except NotATable as error:
            raise Unusable(str(error), _remedy(dialect)) from error
    columns = _column_names(scan.header)
    _load_clean(connection, clean, scan, len(columns), quote='"' if dialect.is_quoted else "")
    selected = ", ".join(f"c{place} as {quoted(column)}" for place, column in enumerate(columns))
    _create_rows(connection, scan.lines, selected, first_line=2)
    printed = ", ".join(literal(line) for line in scan.page_header)
    page_header = f"{likeness_sql([f'rows.{quoted(column)}' for column in columns])} in ({printed})" if printed else ""
    return Opened(connection, Table("rows", dict.fromkeys(columns, "VARCHAR")), scan.faults, scan.rows_read, page_header)


def _remedy(dialect: Dialect) -> str:
    if dialect.header:
        return "Export the list with its technical column names, or name the header's columns in pmo.toml: header = [...]."
    return "Deliver UTF-8 text with a header row, comma or semicolon between cells (RFC 4180)."


@contextmanager
def _decoded(path: Path, name: str, dialect: Dialect) -> Iterator[ByteStream]:
    """The file's text as UTF-8."""
    encoding = "utf-8"
    if dialect.encoding is not None:
        with _unpacked(path, name) as probed:
            encoding = sniff_encoding(probed, dialect.encoding)
    with _unpacked(path, name) as source:
        yield source if encoding in ("utf-8", "utf-8-sig") else Recoded(source, encoding)


def _open_ndjson(connection: duckdb.DuckDBPyConnection, path: Path, name: str, scratch: Path) -> Opened:
    clean = scratch / "clean.ndjson"
    with _unpacked(path, name) as source, clean.open("wb") as sink:
        try:
            scan = scan_lines(source, sink, _SEPARATOR.encode())
        except NotATable as error:
            raise Unusable(str(error), "Deliver UTF-8 text with one JSON object a line.") from error
    _load_clean(connection, clean, scan, 1, quote="")
    _create_rows(connection, scan.lines, "c0 as text", first_line=1, name="json_lines")
    is_object = "json_valid(text) and coalesce(json_type(try_cast(text as json)) = 'OBJECT', false)"
    broken = connection.execute(
        f'select "{LINE}", left(text, 1000) from json_lines where not ({is_object}) order by 1 limit {_fault_room(scan)}'
    ).fetchall()
    if len(broken) >= _fault_room(scan):
        raise Unusable("most of its lines are no JSON objects", "Deliver UTF-8 text with one JSON object a line.")
    faults = [Fault(fault.line, _of_json(fault.reason), fault.text) for fault in scan.faults]
    faults += [Fault(line, Reason.NOT_JSON, text) for line, text in broken]
    keys = connection.execute(
        f'select key from (select unnest(json_keys(text)) as key, "{LINE}" as line from json_lines where {is_object}) '
        f"group by key order by min(line), key limit {COLUMN_LIMIT + 1}"
    ).fetchall()
    columns = _column_names([key for (key,) in keys])
    pointers = ", ".join(literal("/" + key.replace("~", "~0").replace("/", "~1")) for (key,) in keys)
    cells = ", ".join(f"cells[{place}] as {quoted(column)}" for place, column in enumerate(columns, start=1))
    extracted = f"json_extract_string(text, [{pointers}])" if keys else "null"
    connection.execute(
        f'create temp table rows as select "{LINE}"{", " + cells if cells else ""} '
        f'from (select "{LINE}", {extracted} as cells from json_lines where {is_object})'
    )
    return Opened(connection, Table("rows", dict.fromkeys(columns, "VARCHAR")), faults, scan.rows_read)


def _fault_room(scan: Scan) -> int:
    return max(len(scan.lines) // 2, 1000) + 1


def _of_json(reason: Reason) -> Reason:
    return Reason.NOT_JSON if reason is Reason.RAGGED_ROW else reason


def _open_parquet(connection: duckdb.DuckDBPyConnection, path: Path) -> Opened:
    remedy = "Write the Parquet file again and deliver it whole."
    file = literal(str(path))
    try:
        footer = pq.read_metadata(path)
        rows_read = int(footer.num_rows)
        if rows_read > ROWS_FREE and rows_read > ROWS_PER_BYTE_LIMIT * path.stat().st_size:
            raise Unusable(f"it claims {rows_read:,} rows in {path.stat().st_size:,} bytes, as a zip bomb does", remedy)
        columns = connection.execute(f"describe select * from read_parquet({file}, hive_partitioning = false)").fetchall()
        names = _column_names([str(column[0]) for column in columns])
        selected = ", ".join(f"{quoted(str(column[0]))} as {quoted(name)}" for column, name in zip(columns, names, strict=True))
        connection.execute(
            f'create temp table rows as select file_row_number + 2 as "{LINE}", {selected} '
            f"from read_parquet({file}, hive_partitioning = false, file_row_number = true)"
        )
    except duckdb.OutOfMemoryException:
        raise  # Our memory, not the file.
    except (pa.ArrowException, duckdb.Error, OSError) as error:
        raise Unusable(f"it is not a whole Parquet file ({_first_line(error)})", remedy) from error
    _expect_rows(connection, "rows", rows_read)
    return Opened(connection, Table("rows", {name: str(column[1]) for column, name in zip(columns, names, strict=True)}), [], rows_read)


def _open_xlsx(connection: duckdb.DuckDBPyConnection, path: Path, sheet: str | None, scratch: Path) -> Opened:
    try:
        if workbook.guard(path):
            workbook.write_errors_as_text(path, scratch / "errors.xlsx")
            path = scratch / "errors.xlsx"
        batch = workbook.read_sheet(path, sheet)
    except workbook.NotAWorkbook as error:
        raise Unusable(str(error), "Save the workbook as XLSX again, or deliver the sheet as CSV.") from error
    connection.register("sheet", pa.Table.from_arrays(batch.columns, [f"c{place}" for place in range(batch.num_columns)]))
    is_blank = " and ".join(f"nullif(trim(c{place}), '') is null" for place in range(batch.num_columns)) or "true"
    if batch.num_columns:
        connection.execute(
            f"create temp table cells as select *, {is_blank} as is_blank, row_number() over () as line from (select * from sheet)"
        )
    connection.unregister("sheet")
    header = connection.execute("select * from cells where not is_blank order by line limit 1").fetchone() if batch.num_columns else None
    if header is None:
        raise Unusable("there is no header row", "Write the names of the columns into the first row.")
    columns = _column_names([str(cell or "") for cell in header[: batch.num_columns]])
    selected = ", ".join(f"{_sheet_text(f'c{place}')} as {quoted(column)}" for place, column in enumerate(columns))
    rows_read = connection.execute("select count(*) from cells where not is_blank").fetchall()[0][0] - 1
    connection.execute(
        f'create temp table rows as select line as "{LINE}", {selected} from cells where not is_blank and line > {header[-1]}'
    )
    return Opened(connection, Table("rows", dict.fromkeys(columns, "VARCHAR")), [], rows_read)


def _sheet_text(cell: str) -> str:
    """A date cell comes as midnight, a time cell as the day before Excel's first: both back to what the sheet shows."""
    return (
        f"case when regexp_full_match({cell}, '\\d{{4}}-\\d\\d-\\d\\d 00:00:00') then left({cell}, 10) "
        f"when regexp_full_match({cell}, '1899-12-3[01] \\d\\d:\\d\\d:\\d\\d') then right({cell}, 8) else {cell} end"
    )


def _load_clean(connection: duckdb.DuckDBPyConnection, clean: Path, scan: Scan, width: int, quote: str) -> None:
    """Fill table `delimited` from the scanner's clean copy; its rows are in the order of the file."""
    columns = ", ".join(f"'c{place}': 'VARCHAR'" for place in range(width))
    try:
        connection.execute(
            f"create temp table delimited as select * from read_csv({literal(str(clean))}, columns = {{{columns}}}, "
            f"auto_detect = false, header = false, delim = {literal(scan.delimiter)}, quote = '{quote}', escape = '{quote}', "
            f"nullstr = '', new_line = '\\n', max_line_size = {RECORD_LIMIT + 1024})"
        )
    except (duckdb.OutOfMemoryException, duckdb.IOException):
        raise  # Our memory or disk, not the file.
    except duckdb.Error as error:
        raise Unusable(f"it cannot be parsed ({_first_line(error)})", "Deliver delimited text as RFC 4180 describes it.") from error
    _expect_rows(connection, "delimited", len(scan.lines))
    clean.unlink()


def _create_rows(connection: duckdb.DuckDBPyConnection, lines: Positions, selected: str, first_line: int, name: str = "rows") -> None:
    """View of the rows with their physical lines: one after the other in most files, else looked up by place."""
    if np.array_equal(lines, np.arange(first_line, first_line + len(lines))):
        connection.execute(f'create temp view {name} as select rowid + {first_line} as "{LINE}", {selected} from delimited')
        return
    connection.register("scanned", pa.table({"line": lines}))
    connection.execute("create temp table physical_lines as select line from (select * from scanned)")
    connection.unregister("scanned")
    connection.execute(
        f'create temp view {name} as select physical_lines.line as "{LINE}", {selected} '
        "from delimited inner join physical_lines on delimited.rowid = physical_lines.rowid"
    )


def _expect_rows(connection: duckdb.DuckDBPyConnection, table: str, expected: int) -> None:
    loaded = connection.execute(f"select count(*) from {table}").fetchall()[0][0]
    if loaded != expected:
        raise Unusable(
            f"it holds {expected:,} readable rows by one count and {loaded:,} by another",
            "Save the table again as RFC 4180 describes it, and deliver it whole.",
        )


def _column_names(header: list[str]) -> list[str]:
    """Names without blanks around them; a column without a name is called by its place."""
    if len(header) > COLUMN_LIMIT:
        raise Unusable(f"it has {len(header):,} columns, more than {COLUMN_LIMIT:,}", "Deliver the columns of the file contract.")
    names = [name.strip() or f"unnamed_{place}" for place, name in enumerate(header, start=1)]
    seen: set[str] = set()
    for name in names:
        if name.lower() in seen:
            raise Unusable(f"the column `{name}` is there twice", "Give each column a name of its own.")
        seen.add(name.lower())
    return names


@contextmanager
def _unpacked(path: Path, name: str) -> Iterator[ByteStream]:
    """The file's bytes, unzipped if its name says so; a bomb stops at the limit."""
    if not name.lower().endswith(".gz"):
        with path.open("rb") as file:
            yield file
        return
    with gzip.open(path) as unzipped:
        try:
            yield _Limited(unzipped, path.stat().st_size)
        except (gzip.BadGzipFile, zlib.error, EOFError) as error:
            raise Unusable(f"it is not a whole gzip file ({error})", "Pack the file again and deliver it whole.") from error


class _Limited:
    """Reads a gzip file and stops where it has grown beyond measure."""

    def __init__(self, unzipped: gzip.GzipFile, packed_bytes: int) -> None:
        self._unzipped = unzipped
        self._packed_bytes = packed_bytes
        self._unpacked_bytes = 0

    def read(self, size: int, /) -> bytes:
        block = self._unzipped.read(size)
        self._unpacked_bytes += len(block)
        is_bomb = self._unpacked_bytes > RATIO_FREE_BYTES and self._unpacked_bytes > RATIO_LIMIT * self._packed_bytes
        if is_bomb or self._unpacked_bytes > UNPACKED_LIMIT:
            raise Unusable(
                f"{self._packed_bytes:,} bytes unpack to more than {self._unpacked_bytes:,}, as a zip bomb does",
                "Deliver the table in several files, or unpacked.",
            )
        return block


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
