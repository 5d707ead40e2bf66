"""The words of a suite: what may be expected of a published table.

Belongs here: the kinds of expectation, as plain data that is read without Great Expectations.
Does not: how one is evaluated (`translation.py`), what a table must keep (`suites/`).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from reports.verdicts import Severity


@dataclass(frozen=True, slots=True)
class Between:
    """A number, a date or an instant lies in a range, both ends included; an empty cell breaks nothing."""

    column: str
    minimum: float | None = None
    maximum: float | None = None
    severity: Severity = Severity.ERROR
    advice: str | None = None

    @property
    def name(self) -> str:
        """The check's name in `data_quality`."""
        if self.maximum is None:
            return f"{self.column}_at_least_{_number(self.minimum)}"
        if self.minimum is None:
            return f"{self.column}_at_most_{_number(self.maximum)}"
        return f"{self.column}_between_{_number(self.minimum)}_and_{_number(self.maximum)}"

    @property
    def expected(self) -> str:
        """What is good, in words."""
        limits = [f">= {_number(self.minimum)}"] if self.minimum is not None else []
        limits += [f"<= {_number(self.maximum)}"] if self.maximum is not None else []
        return " and ".join(limits)


@dataclass(frozen=True, slots=True)
class OneOf:
    """A text is one of a set; an empty cell breaks nothing."""

    column: str
    values: tuple[str, ...]
    severity: Severity = Severity.ERROR
    advice: str | None = None

    @property
    def name(self) -> str:
        """The check's name in `data_quality`."""
        return f"{self.column}_is_known"

    @property
    def expected(self) -> str:
        """What is good, in words."""
        return ", ".join(self.values)


@dataclass(frozen=True, slots=True)
class Filled:
    """A share of the rows has a value in a column. An empty table breaks nothing."""

    column: str
    share: float = 1.0
    severity: Severity = Severity.ERROR
    advice: str | None = None

    @property
    def name(self) -> str:
        """The check's name in `data_quality`."""
        return f"{self.column}_is_filled"

    @property
    def expected(self) -> str:
        """What is good, in words."""
        return f"filled in >= {self.share:.0%} of the rows"


@dataclass(frozen=True, slots=True)
class RowCount:
    """The number of rows against the last published build: a table that has rows does not lose them all, nor half of them unnoticed.

    Attributes:
        tolerance: share by which the count may grow or shrink without a word.
        may_empty: a table that is rightly empty on a good day.
    """

    tolerance: float = 0.5
    may_empty: bool = False
    severity: Severity = Severity.WARN
    advice: str | None = (
        "Look at what was delivered since the last build: a file cut short, an export with another filter, a deleted scope."
    )

    @property
    def name(self) -> str:
        """The check's name in `data_quality`."""
        return "row_count_near_last_build"

    @property
    def expected(self) -> str:
        """What is good, in words."""
        return f"within {self.tolerance:.0%} of the last published build"


@dataclass(frozen=True, slots=True)
class NotEmptied:
    """A table that had rows in the last published build has some now."""

    severity: Severity = Severity.ERROR
    advice: str | None = "The table lost every row since the last build. Look at what was delivered, and at the filters of its models."

    @property
    def name(self) -> str:
        """The check's name in `data_quality`."""
        return "not_emptied"

    @property
    def expected(self) -> str:
        """What is good, in words."""
        return "rows, where the last published build had some"


@dataclass(frozen=True, slots=True)
class NoRows:
    """A query finds nothing: a rule between columns, or a reconciliation between layers.

    Attributes:
        query: over any table of the warehouse; `{batch}` is the table of the suite. Its rows are the offending ones.
        meaning: what it means if rows are found.
    """

    name: str
    query: str
    meaning: str
    severity: Severity = Severity.ERROR
    advice: str | None = None

    @property
    def expected(self) -> str:
        """What is good, in words."""
        return "no rows"


Expectation = Between | OneOf | Filled | RowCount | NotEmptied | NoRows


@dataclass(frozen=True, slots=True)
class Suite:
    """What is expected of one published table."""

    table: str
    expectations: tuple[Expectation, ...] = field(default=())


def _number(value: float | None) -> str:
    return f"{value:g}" if value is not None else ""
