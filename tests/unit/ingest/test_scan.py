"""The record scanner against Python's csv module, and what it does with text that is no CSV."""

from __future__ import annotations

import csv
import io
import tempfile
import tracemalloc
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.quarantine import Reason
from ingest.sources.files import scan as scanner
from ingest.sources.files.judge import LINE
from ingest.sources.files.readers import open_table
from ingest.sources.files.scan import NotATable, Scan, scan_csv, scan_lines
from ingest.sources.files.utf8 import invalid_positions
from ingest.sql import quoted


def scanned(content: bytes) -> tuple[Scan, bytes]:
    clean = io.BytesIO()
    return scan_csv(io.BytesIO(content), clean), clean.getvalue()


def faults(content: bytes) -> list[tuple[int, Reason]]:
    return [(fault.line, fault.reason) for fault in scanned(content)[0].faults]


CELL = st.text(alphabet='ab0 ",;\r\n\té漢', max_size=6)


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[list[str]], str, str]:
    width = draw(st.integers(2, 4))
    rows = draw(st.lists(st.lists(CELL, min_size=width, max_size=width), max_size=12))
    return rows, draw(st.sampled_from(",;")), draw(st.sampled_from(["\n", "\r\n", "\r"]))


@settings(max_examples=300, deadline=None)
@given(tables(), st.booleans(), st.sampled_from([1, 2, 3, 5, 8, 4096]))
def test_reads_what_the_csv_module_reads(table: tuple[list[list[str]], str, str], has_bom: bool, window: int) -> None:
    rows, delimiter, ending = table
    width = len(rows[0]) if rows else 2
    header = [f"c{place}" for place in range(width)]
    content = (b"\xef\xbb\xbf" if has_bom else b"") + written([header, *rows], delimiter, ending)

    with patch.object(scanner, "WINDOW_BYTES", window):
        scan, clean = scanned(content)

    filled = [row for row in rows if any(row)]
    assert scan.header == [f"c{place}" for place in range(width)]
    assert scan.delimiter == delimiter
    assert not scan.faults
    assert scan.rows_read == len(filled)
    again = list(csv.reader(io.StringIO(clean.decode(), newline=""), delimiter=delimiter))
    assert again == filled
    assert scan.lines.tolist() == physical_lines(content, delimiter, rows)


def written(rows: list[list[str]], delimiter: str, ending: str) -> bytes:
    """RFC 4180; the csv module's own writer leaves a lone carriage return unquoted."""

    def cell(text: str) -> str:
        return '"' + text.replace('"', '""') + '"' if any(mark in text for mark in '",;\r\n') else text

    return "".join(delimiter.join(map(cell, row)) + ending for row in rows).encode()


def physical_lines(content: bytes, delimiter: str, rows: list[list[str]]) -> list[int]:
    """Where each filled record begins, counted character by character."""
    text = content.decode("utf-8-sig")
    starts, line, in_quotes, is_start, at = [], 1, False, True, 0
    while at < len(text):
        if is_start:
            starts.append(line)
            is_start = False
        character = text[at]
        if character == '"':
            in_quotes = not in_quotes
        elif character in "\r\n":
            if text[at : at + 2] == "\r\n":
                at += 1
            line += 1
            is_start = not in_quotes
        at += 1
    return [start for start, row in zip(starts[1:], rows, strict=True) if any(row)]


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet='ab",;\n\r', max_size=60), st.sampled_from([1, 3, 7, 4096]))
def test_any_text_is_accounted_for_whatever_the_window(body: str, window: int) -> None:
    content = b"a,b\n" + body.encode()
    whole, clean = scanned(content)
    with patch.object(scanner, "WINDOW_BYTES", window):
        piecemeal, clean_piecemeal = scanned(content)

    assert clean == clean_piecemeal
    assert whole.faults == piecemeal.faults
    assert whole.lines.tolist() == piecemeal.lines.tolist()
    good = list(csv.reader(io.StringIO(clean.decode(), newline=""), strict=True))
    assert len(good) == len(whole.lines)
    assert all(len(row) == 2 for row in good)


@settings(max_examples=60, deadline=None)
@given(tables())
def test_duckdb_reads_from_the_clean_copy_what_was_written(table: tuple[list[list[str]], str, str]) -> None:
    rows, delimiter, ending = table
    header = [f"c{place}" for place in range(len(rows[0]) if rows else 2)]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "delivered.csv"
        file.write_bytes(written([header, *rows], delimiter, ending))
        with open_table(file, file.name, "csv", None, Path(folder)) as opened:
            columns = ", ".join(f"coalesce({column}, '')" for column in header)
            found = opened.connection.execute(f"select {columns} from rows order by {quoted(LINE)}").fetchall()
    assert [list(row) for row in found] == [row for row in rows if any(row)]


def test_delimiters_inside_quotes_of_the_header_do_not_decide() -> None:
    scan, _ = scanned(b'"a;b;c",d\n1,2\n')
    assert (scan.header, scan.delimiter) == (["a;b;c", "d"], ",")


def test_an_unclosed_quote_costs_its_own_row_and_is_named_where_it_opens() -> None:
    content = b'a,b\n1,x\n2,"open\n3,"fine"\n4,"two\nlines"\n5,y\n'
    scan, clean = scanned(content)
    assert faults(content) == [(3, Reason.UNCLOSED_QUOTE)]
    assert clean == b'1,x\n3,"fine"\n4,"two\nlines"\n5,y\n'
    assert scan.lines.tolist() == [2, 4, 5, 7]


def test_an_unclosed_quote_with_no_other_quote_after_it_does_not_swallow_the_file() -> None:
    scan, clean = scanned(b'a,b\n1,"open\n2,x\n3,y\n')
    assert [fault.line for fault in scan.faults] == [2]
    assert clean == b"2,x\n3,y\n"


def test_an_unclosed_quote_in_a_file_longer_than_a_record_may_be() -> None:
    body = b"".join(b"%d,x\n" % number for number in range(5000))
    with patch.object(scanner, "RECORD_LIMIT", 1000), patch.object(scanner, "WINDOW_BYTES", 512):
        scan, _ = scanned(b'a,b\n1,"open\n' + body)
    assert [(fault.line, fault.reason) for fault in scan.faults] == [(2, Reason.UNCLOSED_QUOTE)]
    assert len(scan.lines) == 5000
    assert scan.lines[-1] == 5002


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (b"1", Reason.RAGGED_ROW),
        (b"1,2,3", Reason.RAGGED_ROW),
        (b'1,5" pipe', Reason.STRAY_QUOTE),
        (b'1,"x"y', Reason.STRAY_QUOTE),
        (b"1,\xe9", Reason.INVALID_UTF8),
        (b"1,\xed\xa0\x80", Reason.INVALID_UTF8),
        (b"1,a\x00b", Reason.INVALID_UTF8),
    ],
)
def test_a_broken_row_is_set_aside_alone(row: bytes, reason: Reason) -> None:
    content = b"a,b\n1,x\n" + row + b"\n2,y\n"
    scan, clean = scanned(content)
    assert faults(content) == [(3, reason)]
    assert clean == b"1,x\n2,y\n"
    assert scan.rows_read == 3


def test_blank_lines_and_rows_of_delimiters_alone_hold_nothing() -> None:
    scan, _ = scanned(b"\n\na,b\n\n1,x\n,\n\r\n2,y\n")
    assert scan.rows_read == 2
    assert scan.lines.tolist() == [5, 8]


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xff\xfea\x00,\x00b\x00", b'a,"b\n1,2\n', b"a\x00,b\n1,2\n", b"\xe9,b\n"])
def test_what_has_no_header_is_no_table(content: bytes) -> None:
    with pytest.raises(NotATable):
        scanned(content)


def test_too_many_broken_rows_are_no_table() -> None:
    with patch.object(scanner, "MAX_FAULTS", 10), pytest.raises(NotATable, match="more than 10"):
        scanned(b"a,b\n" + b"x\n" * 11)


class EndlessLine:
    """A header, a line of `length` bytes, and one more row; never held whole."""

    def __init__(self, length: int) -> None:
        self._parts = [b"a,b\n1,", b"\n2,y\n"]
        self._left = length

    def read(self, size: int, /) -> bytes:
        if len(self._parts) == 2:
            return self._parts.pop(0)
        if self._left > 0:
            self._left -= size
            return b"z" * size
        return self._parts.pop() if self._parts else b""


def test_a_line_of_two_gigabytes_is_passed_over_in_bounded_memory() -> None:
    clean = io.BytesIO()
    tracemalloc.start()
    scan = scan_csv(EndlessLine(2 << 30), clean)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [(fault.line, fault.reason) for fault in scan.faults] == [(2, Reason.LINE_TOO_LONG)]
    assert clean.getvalue() == b"2,y\n"
    assert scan.lines.tolist() == [3]
    assert peak < 20 * (scanner.WINDOW_BYTES + scanner.RECORD_LIMIT)


def test_lines_are_records_where_there_are_no_quotes() -> None:
    clean = io.BytesIO()
    scan = scan_lines(io.BytesIO(b'{"a": "x"}\r\n\n{"a": 1}'), clean, b"\x1f")
    assert clean.getvalue() == b'{"a": "x"}\n{"a": 1}\n'
    assert scan.lines.tolist() == [1, 3]


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=40))
def test_the_bytes_that_break_utf8_are_those_that_python_refuses(data: bytes) -> None:
    found = invalid_positions(np.frombuffer(data, np.uint8))
    try:
        data.decode()
        is_text = b"\0" not in data
    except UnicodeDecodeError:
        is_text = False
    assert (len(found) == 0) == is_text
