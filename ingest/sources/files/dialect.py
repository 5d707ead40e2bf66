"""Dialect: how a text file becomes UTF-8 with a header row, and which of its lines are page headers.

Belongs here: encodings, the header among the title lines of a list, lines that repeat it.
Does not: records and quotes (`scan.py`), what a column means (`columns.py`).
"""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

_PROBE_BYTES = 1 << 16
_BLOCK_BYTES = 1 << 20
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_RULE = re.compile(r"[\s\-_=+|;*]*[-_=]{3,}[\s\-_=+|;*]*")
_UNREADABLE = "pmo-unreadable"


class ByteStream(Protocol):
    """Bytes that go by once."""

    def read(self, size: int, /) -> bytes:
        """The next bytes, at most `size`; none at the end."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a text file is written.

    Attributes:
        encoding: of a file that is neither UTF-8 nor UTF-16; without one only UTF-8 is read.
        delimiters: the characters that may stand between cells.
        is_quoted: a double quote encloses a cell.
        header: names that the header row has; without them the first row is the header.
    """

    encoding: str | None = None
    delimiters: tuple[bytes, ...] = (b",", b";")
    is_quoted: bool = True
    header: tuple[str, ...] = ()


PLAIN = Dialect()
"""The dialect of the file contract."""


class Recoded:
    """Bytes of another encoding as UTF-8. What cannot be decoded becomes what is no UTF-8, so that a record is set aside, not the file."""

    def __init__(self, source: ByteStream, encoding: str) -> None:
        self._source = source
        self._decoder = codecs.getincrementaldecoder(encoding)(errors=_UNREADABLE)
        self._at_end = False

    def read(self, size: int, /) -> bytes:
        """The next bytes, a few more or fewer than `size`; none at the end only."""
        text = ""
        while not text and not self._at_end:
            block = self._source.read(size)
            self._at_end = not block
            text = self._decoder.decode(block, final=self._at_end)
        return text.encode("utf-8", "surrogatepass")


def sniff_encoding(source: ByteStream, fallback: str) -> str:
    """The encoding of a text: what its first bytes say, else UTF-8 if all of it is, else `fallback`."""
    head = source.read(_PROBE_BYTES)
    for mark, encoding in _BOMS:
        if head.startswith(mark):
            return encoding
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if max(even, odd) * 4 > len(head):
        # Latin text in UTF-16 without a mark: every other byte is zero.
        return "utf-16-le" if odd > even else "utf-16-be"
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while head:
            decoder.decode(head)
            head = source.read(_BLOCK_BYTES)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return fallback
    return "utf-8"


def split_line(text: str, delimiter: str, *, is_quoted: bool) -> list[str]:
    """Cells of one line, without blanks around them."""
    if not is_quoted:
        return [cell.strip() for cell in text.split(delimiter)]
    try:
        return [cell.strip() for cell in next(csv.reader([text], delimiter=delimiter), [])]
    except csv.Error:
        return [cell.strip() for cell in text.split(delimiter)]


def likeness(cells: Sequence[str]) -> str:
    """What two prints of a page header have in common: all but page numbers, dates and the number of blanks."""
    joined = "\x1f".join(re.sub(r"[ \t]+", " ", cell.strip(" \t")) for cell in cells)
    return re.sub(r"[0-9]+", "0", joined).strip("\x1f")


def likeness_sql(cells: Sequence[str]) -> str:
    """`likeness` of columns, as SQL."""
    joined = ", ".join(f"regexp_replace(trim(coalesce({cell}, ''), ' ' || chr(9)), '[ \\t]+', ' ', 'g')" for cell in cells)
    return f"trim(regexp_replace(concat_ws(chr(31), {joined}), '[0-9]+', '0', 'g'), chr(31))"


def is_rule(text: str) -> bool:
    """Whether a line is nothing but a rule drawn under a header."""
    return _RULE.fullmatch(text) is not None


def _mark_unreadable(error: UnicodeError) -> tuple[str, int]:
    return "\udcff", error.end if isinstance(error, UnicodeDecodeError) else 0


codecs.register_error(_UNREADABLE, _mark_unreadable)
