"""How results look: rich on a terminal, plain text when piped, JSON where asked.

Belongs here: consoles, tables, times and numbers for people.
Does not: which results there are.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

PIPED_WIDTH = 200
"""Lines of a table that goes to a file or another program: wide enough not to be cut."""
_ANY_WIDTH = Context(prec=400, rounding=ROUND_HALF_UP)
"""Wide enough for every double and every decimal: what does not fit would be an error, or rounded once more."""
LARGE = 1000
"""From here on a table shows no decimals."""


def console(*, to_stderr: bool = False) -> Console:
    """A console for one stream; without a terminal it writes no colours and does not fold lines."""
    from rich.console import Console

    stream = sys.stderr if to_stderr else sys.stdout
    if stream.isatty():
        return Console(file=stream, highlight=False)
    return Console(file=stream, highlight=False, width=PIPED_WIDTH, color_system=None, soft_wrap=True)


def print_json(value: object) -> None:
    """One JSON document on standard output."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False, default=_plain) + "\n")


def print_table(
    title: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
    numbers: frozenset[str] = frozenset(),
    whole: frozenset[str] = frozenset(),
) -> None:
    """A table on standard output.

    Args:
        numbers: columns that are set to the right and never folded, however narrow the terminal.
        whole: columns that are not folded either, as what is in them will be copied.
    """
    from rich import box
    from rich.table import Table
    from rich.text import Text

    out = console()
    table = Table(title=title or None, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, collapse_padding=True)
    cells = [[cell(value) for value in row] for row in rows]
    for place, column in enumerate(columns):
        is_number = column in numbers
        table.add_column(
            column.replace("_", " "),
            justify="right" if is_number else "left",
            overflow="fold",
            no_wrap=column in whole,
            min_width=max((len(row[place]) for row in cells), default=0) if is_number else None,
        )
    for row in cells:
        table.add_row(*(Text(text) for text in row))
    out.print(table)


def cell(value: object) -> str:
    """A value as people read it; nothing is a dash."""
    match value:
        case None:
            text = "–"
        case bool():
            text = "yes" if value else "no"
        case datetime():
            text = instant(value)
        case float() | Decimal():
            text = rounded(value, 0 if abs(float(value)) >= LARGE else 2)
        case int():
            text = f"{value:,}"
        case list() | tuple():
            text = ", ".join(str(part) for part in value)
        case _:
            text = str(value)
    return text


def rounded(value: float | Decimal, digits: int) -> str:
    """A number with separators, halves away from zero: the same text whether it comes as a decimal or as the nearest double."""
    exact = value if isinstance(value, Decimal) else Decimal(repr(value))
    shown = _ANY_WIDTH.quantize(exact, Decimal(1).scaleb(-digits))
    # Added to nothing, a nought has no sign.
    return f"{_ANY_WIDTH.add(shown, 0):,}"


def instant(value: datetime | str) -> str:
    """An instant to the second, in UTC."""
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S}Z"


def counted(number: int, noun: str) -> str:
    """A number of things, as `1 file` or `1,200 files`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def duration(seconds: float) -> str:
    """Seconds as `m:ss`."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def as_dicts(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> list[Mapping[str, object]]:
    """Rows of a query for JSON."""
    return [dict(zip(columns, row, strict=True)) for row in rows]


def _plain(value: Any) -> object:  # noqa: ANN401 - whatever json cannot write
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    return str(value)
