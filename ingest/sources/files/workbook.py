"""Workbooks: XLSX as tables of text, and the guard before one is opened.

Belongs here: sheet names, cells as text, the limits that keep a zip bomb or a sheet of phantom cells from filling the memory.
Does not: what a sheet means (`discovery.py`, `judge.py`).

A zip directory may lie about sizes, so the guard inflates every member itself, counting, before the reader sees the file.
"""

from __future__ import annotations

import html
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa

UNPACKED_LIMIT = 1 << 30
"""Bytes of all members of a workbook."""
MEMBER_LIMIT = 10_000
RATIO_LIMIT = 200
"""Unpacked to packed size of a member above `RATIO_FREE_BYTES`. Sheets of real tables stay under 50."""
RATIO_FREE_BYTES = 32 << 20
CELL_LIMIT = 50_000_000
"""Cells of the rectangle that a sheet's cells span: the reader makes room for all of it, empty or not."""
_NAMES_LIMIT = 1 << 20
_CHUNK_BYTES = 1 << 20
_LOCAL_HEADER_BYTES = 30
_COLUMN_REFERENCE = re.compile(rb"\br=[\"']([A-Za-z]{1,3})[0-9]")
_ROW_REFERENCE = re.compile(rb"\br=[\"'][A-Za-z]{0,3}([0-9]{1,7})[\"']")
_SHEET_NAME = re.compile(r"<(?:\w+:)?sheet\s[^>]*?\bname=(?:\"([^\"]*)\"|'([^']*)')")
_ERROR_CELL = re.compile(rb"(<(?:\w+:)?c\s[^<>]*\bt=)(?:\"e\"|'e')")
_ENDING_REFERENCE_BYTES = 16
_SHEETS = "xl/worksheets/"


class NotAWorkbook(Exception):
    """The file is no XLSX workbook, or one that nobody should open."""


def sheet_names(path: Path) -> list[str]:
    """Names of the sheets in order, read from the workbook's directory alone.

    Raises:
        NotAWorkbook: the file is no workbook.
    """
    try:
        with zipfile.ZipFile(path) as archive, archive.open("xl/workbook.xml") as member:
            text = member.read(_NAMES_LIMIT).decode("utf-8", "replace")
    except (zipfile.BadZipFile, KeyError, zlib.error, NotImplementedError, RuntimeError, EOFError) as error:
        raise NotAWorkbook("it is not an XLSX workbook") from error
    return [html.unescape(double or single) for double, single in _SHEET_NAME.findall(text)]


def guard(path: Path) -> bool:
    """Refuse a workbook that would take more memory than it may; whether a sheet of it may hold error cells (`#N/A`).

    Raises:
        NotAWorkbook: with the limit it breaks.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise NotAWorkbook("it is not an XLSX workbook") from error
    if len(members) > MEMBER_LIMIT:
        raise NotAWorkbook(f"it is a zip of {len(members):,} members, more than {MEMBER_LIMIT:,}")
    total = 0
    has_errors = False
    with path.open("rb") as file:
        for member in members:
            rectangle = _Rectangle() if member.filename.lower().startswith(_SHEETS) else None
            unpacked = 0
            for chunk in _inflate(file, member):
                unpacked += len(chunk)
                if total + unpacked > UNPACKED_LIMIT:
                    raise NotAWorkbook(f"it unpacks to more than {UNPACKED_LIMIT:,} bytes, as a zip bomb does")
                if unpacked > RATIO_FREE_BYTES and unpacked > RATIO_LIMIT * max(member.compress_size, 1):
                    raise NotAWorkbook(f"{member.filename} unpacks to more than {RATIO_LIMIT} times its size, as a zip bomb does")
                if rectangle is not None:
                    rectangle.add(chunk)
            total += unpacked
            has_errors = has_errors or (rectangle is not None and rectangle.has_errors)
    return has_errors


def write_errors_as_text(path: Path, copy: Path) -> None:
    """Copy a workbook with its error cells turned into text: the reader gives an error cell as an empty one, and its row as a blank one.

    Call `guard` before.
    """
    with zipfile.ZipFile(path) as archive, zipfile.ZipFile(copy, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as copied:
        for member in archive.infolist():
            is_sheet = member.filename.lower().startswith(_SHEETS)
            with archive.open(member) as source, copied.open(member.filename, "w", force_zip64=True) as target:
                rest = b""
                while chunk := source.read(_CHUNK_BYTES):
                    text = rest + chunk
                    # No tag is cut in two: an attribute holds no `<`.
                    cut = max(text.rfind(b"<"), 0) if is_sheet else len(text)
                    target.write(_ERROR_CELL.sub(rb'\1"str"', text[:cut]) if is_sheet else text[:cut])
                    rest = text[cut:]
                target.write(_ERROR_CELL.sub(rb'\1"str"', rest))


def read_sheet(path: Path, sheet: str | None) -> pa.RecordBatch:
    """All rows of a sheet as text, the first physical row first; no header is taken. Call `guard` before.

    Raises:
        NotAWorkbook: the reader cannot open it, or it has no such sheet.
    """
    import fastexcel  # noqa: PLC0415 - only a workbook needs it, and it loads slowly

    try:
        found = fastexcel.read_excel(path).load_sheet(0 if sheet is None else sheet, header_row=None, skip_rows=0, dtypes="string")
        return found.to_arrow()
    except fastexcel.FastExcelError as error:
        raise NotAWorkbook(f"it cannot be opened as an XLSX workbook ({str(error).splitlines()[0]})") from error


class _Rectangle:
    """The rectangle that the cell references of a sheet span, and whether any cell is an error, as its XML goes by."""

    def __init__(self) -> None:
        self._tail = b""
        self._columns: set[bytes] = set()
        self._last_row = 0
        self.has_errors = False

    def add(self, chunk: bytes) -> None:
        text = self._tail + chunk
        self._tail = text[-_ENDING_REFERENCE_BYTES:]
        self.has_errors = self.has_errors or b't="e"' in text or b"t='e'" in text
        self._columns.update(_COLUMN_REFERENCE.findall(text))
        self._last_row = max(self._last_row, max((int(row) for row in set(_ROW_REFERENCE.findall(text))), default=0))
        width = max((_column_number(letters) for letters in self._columns), default=0)
        if width * self._last_row > CELL_LIMIT:
            raise NotAWorkbook(
                f"a sheet reaches to row {self._last_row:,} and column {width:,}: more than {CELL_LIMIT:,} cells, most of them empty"
            )


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def _inflate(file: BinaryIO, member: zipfile.ZipInfo) -> Iterator[bytes]:
    """The bytes of a member as they are, whatever the directory says of their number."""
    file.seek(member.header_offset)
    header = file.read(_LOCAL_HEADER_BYTES)
    if len(header) < _LOCAL_HEADER_BYTES or header[:4] != b"PK\x03\x04":
        raise NotAWorkbook("its zip directory is damaged")
    name_length, extra_length = struct.unpack("<HH", header[26:30])
    file.seek(name_length + extra_length, 1)
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise NotAWorkbook(f"{member.filename} is packed in a way that XLSX does not know")
    left = member.compress_size
    inflater = zlib.decompressobj(-zlib.MAX_WBITS) if member.compress_type == zipfile.ZIP_DEFLATED else None
    try:
        while left > 0 and (packed := file.read(min(left, _CHUNK_BYTES))):
            left -= len(packed)
            if inflater is None:
                yield packed
                continue
            while packed:
                yield inflater.decompress(packed, _CHUNK_BYTES)
                packed = inflater.unconsumed_tail
    except zlib.error as error:
        raise NotAWorkbook(f"{member.filename} in it is damaged") from error
