"""Record scanner: splits delimited text into records by RFC 4180, and sets aside those that are none.

Belongs here: record borders, physical lines, cells per record, quotes, UTF-8; an independent count of what a file holds.
Does not: what a cell means (`rules.py`), parsing of cells (DuckDB reads the clean copy that this writes).

The text goes by in windows, so memory is bounded by `WINDOW_BYTES + RECORD_LIMIT` whatever the file or its longest line. Inside a
window everything is arithmetic on positions: a byte is inside quotes when the number of quotes before it is odd. Where a quote stands
at an impossible place the reading starts afresh on the next physical line, so that one broken row costs one row, not the rest of the file.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from ingest.quarantine import Reason
from ingest.sources.files.dialect import PLAIN, ByteStream, Dialect, is_rule, likeness, split_line
from ingest.sources.files.utf8 import invalid_positions

WINDOW_BYTES = 4 << 20
RECORD_LIMIT = 4 << 20
"""Bytes of the longest record that is read. Excel's longest cell has 32,767 characters; beyond this it is no table row."""
MAX_FAULTS = 100_000
"""Records set aside before the file is taken for something else than a table."""
SNIPPET_BYTES = 1000
_TITLE_LINES = 200
"""Lines above the header of a list; beyond them it has none."""

_LF, _CR, _QUOTE = 10, 13, 34
_BOM = b"\xef\xbb\xbf"

Positions = npt.NDArray[np.int64]


class NotATable(Exception):
    """The text has no header, or is no text at all."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A record that could not be read: the physical line it (or its open quote) is on, and how it begins."""

    line: int
    reason: Reason
    text: str


@dataclass(slots=True)
class Scan:
    """What the scanner found.

    Attributes:
        header: names of the columns, as written; empty for text without a header.
        lines: physical line of each record of the clean copy, in its order.
        faults: records that are not in the clean copy.
        page_header: the lines of a list down to its header, each by what its prints have in common; empty for a plain table.
    """

    header: list[str]
    delimiter: str
    lines: Positions
    faults: list[Fault] = field(default_factory=list)
    page_header: tuple[str, ...] = ()

    @property
    def rows_read(self) -> int:
        """Records of the file, the header and blank lines not counted."""
        return len(self.lines) + len(self.faults)


def scan_csv(source: ByteStream, clean: BinaryIO, dialect: Dialect = PLAIN) -> Scan:
    """Scan a CSV file with a header row.

    Args:
        source: the file's bytes, decompressed.
        clean: receives the good records without header, BOM and blank lines, each ended by a line feed.

    Raises:
        NotATable: no header, not UTF-8 at all, or more than `MAX_FAULTS` broken records.
    """
    head = source.read(RECORD_LIMIT)
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise NotATable("the file is UTF-16")
    head = head.removeprefix(_BOM)
    titles: list[Fault] = []
    begin, first_line = 0, 1
    if dialect.header:
        titles, begin, first_line = _titles(head, dialect)
    header, delimiter, end, line = _header(head[begin:], dialect)
    scanner = _Scanner(
        source, clean, head[begin + end :], line=line + first_line - 1, delimiter=delimiter, cells=len(header), is_quoted=dialect.is_quoted
    )
    scanner.run()
    if not dialect.header:
        return Scan(header, delimiter.decode(), scanner.line_numbers(), scanner.faults)
    printed = [split_line(title.text, delimiter.decode(), is_quoted=dialect.is_quoted) for title in titles]
    page_header = tuple(dict.fromkeys(likeness(cells) for cells in (*printed, header) if likeness(cells)))
    faults = [_of_list(fault, delimiter.decode(), dialect, page_header) for fault in scanner.faults]
    return Scan(header, delimiter.decode(), scanner.line_numbers(), [*titles, *faults], page_header)


def _titles(head: bytes, dialect: Dialect) -> tuple[list[Fault], int, int]:
    """The lines above the header of a list, where the header starts and its physical line.

    Raises:
        NotATable: no line is the header.
    """
    wanted = {name.lower() for name in dialect.header}
    titles: list[Fault] = []
    begin = 0
    for number, line in enumerate(head.splitlines(keepends=True), start=1):
        text = line.decode("utf-8", "replace").strip("\r\n")
        for delimiter in dialect.delimiters:
            if wanted <= {cell.lower() for cell in split_line(text, delimiter.decode(), is_quoted=dialect.is_quoted)}:
                return titles, begin, number
        if text.strip():
            titles.append(Fault(number, Reason.PAGE_HEADER, text[:SNIPPET_BYTES]))
        if len(titles) > _TITLE_LINES:
            break
        begin += len(line)
    raise NotATable(f"none of its first lines is a header with {' and '.join(f'`{name}`' for name in dialect.header)}")


def _of_list(fault: Fault, delimiter: str, dialect: Dialect, page_header: tuple[str, ...]) -> Fault:
    """A record with too few or too many cells, called by its name where it is a line of the list's layout."""
    if fault.reason is not Reason.RAGGED_ROW:
        return fault
    cells = split_line(fault.text, delimiter, is_quoted=dialect.is_quoted)
    if is_rule(fault.text) or likeness(cells) in page_header:
        return replace(fault, reason=Reason.PAGE_HEADER)
    return replace(fault, reason=Reason.SUBTOTAL) if next(filter(None, cells), "").startswith("*") else fault


def scan_lines(source: ByteStream, clean: BinaryIO, separator: bytes) -> Scan:
    """Scan text of one record a physical line, without quotes or header. A line that holds `separator` is set aside.

    Raises:
        NotATable: more than `MAX_FAULTS` broken records.
    """
    head = source.read(WINDOW_BYTES).removeprefix(_BOM)
    scanner = _Scanner(source, clean, head, line=1, delimiter=separator, cells=1, is_quoted=False)
    scanner.run()
    return Scan([], separator.decode(), scanner.line_numbers(), scanner.faults)


def _header(head: bytes, dialect: Dialect) -> tuple[list[str], bytes, int, int]:
    """Names, delimiter, where the first record starts and its physical line. Blank lines before the header are passed over."""
    begin = len(head) - len(head.lstrip(b"\r\n"))
    skipped = _count_newlines(head[:begin])
    in_quotes = False
    end = len(head)
    for position in _newlines_and_quotes(head, begin):
        if head[position] == _QUOTE:
            in_quotes = not in_quotes
        elif not in_quotes or not dialect.is_quoted:
            end = position
            break
    record = head[begin:end]
    if not record.strip() or (end == len(head) and len(head) >= RECORD_LIMIT):
        raise NotATable("there is no header row")
    try:
        text = record.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NotATable("the header row is not UTF-8") from error
    if "\0" in text:
        raise NotATable("the header row holds binary data")
    delimiter = max(dialect.delimiters, key=lambda candidate: _outside_quotes(record, candidate[0]))
    after = end + (2 if head[end : end + 2] == b"\r\n" else 1)
    line = skipped + _count_newlines(record) + 2
    if not dialect.is_quoted:
        return text.split(delimiter.decode()), delimiter, after, line
    try:
        names = next(csv.reader([text], delimiter=delimiter.decode(), strict=True))
    except csv.Error as error:
        raise NotATable(f"the header row is not RFC 4180 ({error})") from error
    return names, delimiter, after, line


def _newlines_and_quotes(head: bytes, begin: int) -> Iterator[int]:
    data = np.frombuffer(head, np.uint8)
    found = np.flatnonzero((data == _LF) | (data == _CR) | (data == _QUOTE))
    yield from (int(position) for position in found[np.searchsorted(found, begin) :])


def _count_newlines(text: bytes) -> int:
    return text.count(b"\n") + text.count(b"\r") - text.count(b"\r\n")


def _outside_quotes(record: bytes, byte: int) -> int:
    data = np.frombuffer(record, np.uint8)
    quotes = np.cumsum(data == _QUOTE)
    return int(np.count_nonzero((data == byte) & (quotes % 2 == 0)))


class _Window:
    """The bytes in hand, from the start of a record on, and where newlines, quotes and delimiters are in them."""

    def __init__(self, data: bytes, delimiter: int, *, is_quoted: bool) -> None:
        self.data = data
        self.bytes = np.frombuffer(data, np.uint8)
        self.newlines = self._find_newlines()
        self.quotes: Positions = np.flatnonzero(self.bytes == _QUOTE) if is_quoted else np.empty(0, np.int64)
        self.delimiters: Positions = np.flatnonzero(self.bytes == delimiter)
        self.quotes_before_newline = np.searchsorted(self.quotes, self.newlines)
        self.quotes_before_delimiter = np.searchsorted(self.quotes, self.delimiters)
        before = self._neighbours(-1)
        after = self._neighbours(1)
        is_border = np.zeros(256, bool)
        is_border[[delimiter, _LF, _CR]] = True
        self.opens_a_cell = is_border[before] | (self.quotes == 0)
        may_open = self.opens_a_cell | (before == _QUOTE)
        may_close = is_border[after] | (after == _QUOTE) | (self.quotes == len(data) - 1)
        number = np.arange(len(self.quotes))
        self.impossible = tuple(np.flatnonzero(np.where((number - base) % 2 == 0, ~may_open, ~may_close)) for base in (0, 1))

    def _find_newlines(self) -> Positions:
        line_feeds = self.bytes == _LF
        returns = self.bytes == _CR
        if returns.any():
            returns[:-1] &= ~line_feeds[1:]
            return np.flatnonzero(line_feeds | returns)
        return np.flatnonzero(line_feeds)

    def _neighbours(self, step: int) -> npt.NDArray[np.uint8]:
        return self.bytes[np.clip(self.quotes + step, 0, max(len(self.bytes) - 1, 0))]

    def next_impossible(self, first_quote: int) -> int | None:
        """The first quote at an impossible place, if reading starts outside quotes before quote `first_quote`."""
        candidates = self.impossible[first_quote & 1]
        at = int(np.searchsorted(candidates, first_quote))
        return int(candidates[at]) if at < len(candidates) else None

    def opening(self, first_quote: int, quote: int) -> int:
        """The quote that opened the cell in which `quote` stands (itself, where none is open)."""
        candidates = np.arange(first_quote, quote + 1, 2)
        candidates = candidates[self.opens_a_cell[candidates]]
        return int(candidates[-1]) if len(candidates) else quote


class _Scanner:
    """Carries the reading from window to window."""

    def __init__(
        self, source: ByteStream, clean: BinaryIO, head: bytes, *, line: int, delimiter: bytes, cells: int, is_quoted: bool
    ) -> None:
        self._source = source
        self._clean = clean
        self._carry = head
        self._line = line
        self._delimiter = delimiter[0]
        self._cells = cells
        self._is_quoted = is_quoted
        self._lines: list[Positions] = []
        self.faults: list[Fault] = []

    def line_numbers(self) -> Positions:
        """Physical line of each record written to the clean copy."""
        return np.concatenate(self._lines) if self._lines else np.empty(0, np.int64)

    def run(self) -> None:
        """Read to the end."""
        at_end = False
        while not at_end:
            data = self._carry + self._source.read(WINDOW_BYTES)
            at_end = len(data) == len(self._carry)
            held = b""
            if at_end:
                if data and data[-1] not in (_LF, _CR):
                    data += b"\n"
            elif data.endswith(b"\r"):
                # A line feed may follow: which of the two ends the record is known with the next window.
                data, held = data[:-1], b"\r"
            window = _Window(data, self._delimiter, is_quoted=self._is_quoted)
            rest = self._read(window, at_end=at_end)
            self._carry = data[rest:] + held
            if len(self._carry) > RECORD_LIMIT and not at_end:
                self._skip_line()

    def _read(self, window: _Window, *, at_end: bool) -> int:
        """Take all complete records of the window; where the first incomplete one starts."""
        start = first_quote = first_newline = 0
        while True:
            bad_quote = window.next_impossible(first_quote)
            stop = len(window.newlines) if bad_quote is None else int(np.searchsorted(window.newlines, window.quotes[bad_quote]))
            inside = (window.quotes_before_newline[first_newline:stop] - first_quote) & 1
            ending = first_newline + np.flatnonzero(inside == 0)
            if len(ending):
                self._emit(window, ending, start=start, first_quote=first_quote, first_newline=first_newline)
                first_newline = int(ending[-1]) + 1
                start = int(window.newlines[ending[-1]]) + 1
                first_quote = int(np.searchsorted(window.quotes, start))
            if bad_quote is None:
                is_open = (len(window.quotes) - first_quote) % 2 == 1
                if not is_open or not (at_end or len(window.data) - start > RECORD_LIMIT):
                    break
                bad_quote = len(window.quotes) - 1
            opening = window.opening(first_quote, bad_quote)
            newline = int(np.searchsorted(window.newlines, window.quotes[opening]))
            if newline >= len(window.newlines):
                break
            is_unclosed = bad_quote == len(window.quotes) - 1 and opening == bad_quote and window.opens_a_cell[opening]
            spans_lines = int(np.searchsorted(window.newlines, window.quotes[bad_quote])) > newline
            reason = Reason.UNCLOSED_QUOTE if spans_lines or is_unclosed else Reason.STRAY_QUOTE
            end = int(window.newlines[newline])
            self._set_aside(self._line + newline, reason, window.data[start : min(end, start + SNIPPET_BYTES)])
            start, first_newline = end + 1, newline + 1
            first_quote = int(np.searchsorted(window.quotes, start))
        self._line += first_newline
        return start

    def _emit(self, window: _Window, ending: Positions, *, start: int, first_quote: int, first_newline: int) -> None:
        """Judge complete records and write the good ones to the clean copy."""
        ends = window.newlines[ending]
        starts = np.concatenate(([start], ends[:-1] + 1))
        lines = self._line + np.concatenate(([first_newline], ending[:-1] + 1))
        last = int(ends[-1])
        has_crlf = (window.bytes[ends] == _LF) & (ends > starts) & (window.bytes[ends - 1] == _CR)
        lengths = ends - starts - has_crlf

        low, high = np.searchsorted(window.delimiters, (start, last))
        outside = ((window.quotes_before_delimiter[low:high] - first_quote) & 1) == 0
        delimiters = window.delimiters[low:high][outside]
        borders = np.searchsorted(delimiters, np.concatenate(([start], ends)))
        cells = np.diff(borders) + 1

        # A line of delimiters alone is what spreadsheets leave below a table: it holds nothing.
        is_blank = (lengths == 0) | ((lengths == cells - 1) & (cells == self._cells) & (cells > 1))
        reasons = np.zeros(len(ends), np.int8)
        reasons[cells != self._cells] = 1
        invalid = invalid_positions(window.bytes[start:last])
        if len(invalid):
            reasons[np.unique(np.searchsorted(ends, invalid + start))] = 2
        reasons[lengths > RECORD_LIMIT] = 3
        is_good = (reasons == 0) & ~is_blank
        for at in np.flatnonzero((reasons > 0) & ~is_blank):
            begin = int(starts[at])
            reason = (Reason.RAGGED_ROW, Reason.INVALID_UTF8, Reason.LINE_TOO_LONG)[reasons[at] - 1]
            self._set_aside(int(lines[at]), reason, window.data[begin : begin + min(int(lengths[at]), SNIPPET_BYTES)])
        self._lines.append(lines[is_good])
        self._write(window, starts, ends, has_crlf, is_good)

    def _write(
        self, window: _Window, starts: Positions, ends: Positions, has_crlf: npt.NDArray[np.bool_], is_good: npt.NDArray[np.bool_]
    ) -> None:
        begin, finish = int(starts[0]), int(ends[-1]) + 1
        returns = ends[window.bytes[ends] == _CR]
        if is_good.all() and not has_crlf.any() and not len(returns):
            self._clean.write(window.data[begin:finish])
            return
        block = window.bytes[begin:finish].copy()
        block[returns - begin] = _LF
        keep = np.repeat(is_good, ends + 1 - starts)
        keep[ends[has_crlf] - 1 - begin] = False
        self._clean.write(block[keep].tobytes())

    def _skip_line(self) -> None:
        """Pass over the rest of a physical line that is too long to be a record."""
        self._set_aside(self._line, Reason.LINE_TOO_LONG, self._carry[:SNIPPET_BYTES])
        self._carry = b""
        while chunk := self._source.read(WINDOW_BYTES):
            ends = [at for at in (chunk.find(b"\n"), chunk.find(b"\r")) if at >= 0]
            if not ends:
                continue
            rest = chunk[min(ends) :]
            if rest == b"\r":
                rest += self._source.read(1)
            self._carry = rest[2:] if rest.startswith(b"\r\n") else rest[1:]
            self._line += 1
            return

    def _set_aside(self, line: int, reason: Reason, text: bytes) -> None:
        if len(self.faults) >= MAX_FAULTS:
            raise NotATable(f"more than {MAX_FAULTS:,} of its records cannot be read (the last on line {line}: {reason})")
        self.faults.append(Fault(line, reason, text.decode("utf-8", "replace").rstrip("\r").replace("\0", "\ufffd")))
