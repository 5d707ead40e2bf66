"""From our words to those of Great Expectations.

Belongs here: one translation for each word of the vocabulary.
Does not: what its results mean (`findings.py`).

Like `datasource.py` it imports Great Expectations at its top: import it inside functions only.
"""

from __future__ import annotations

from great_expectations.expectations.core.expect_column_values_to_be_between import ExpectColumnValuesToBeBetween
from great_expectations.expectations.core.expect_column_values_to_be_in_set import ExpectColumnValuesToBeInSet
from great_expectations.expectations.core.expect_column_values_to_not_be_null import ExpectColumnValuesToNotBeNull
from great_expectations.expectations.core.expect_table_row_count_to_be_between import ExpectTableRowCountToBeBetween
from great_expectations.expectations.core.unexpected_rows_expectation import UnexpectedRowsExpectation
from great_expectations.expectations.expectation import Expectation as GreatExpectation

from expectations.findings import row_limits
from expectations.vocabulary import Between, Expectation, Filled, NoRows, NotEmptied, OneOf, RowCount

CHECK = "check"
"""Under this word an expectation of Great Expectations carries the name of ours, and its result brings it back."""


def to_great_expectation(expectation: Expectation, rows_before: int | None) -> GreatExpectation:
    """The expectation as Great Expectations evaluates it.

    Args:
        rows_before: rows of the table in the last published build; None where there is none to compare with.
    """
    meta = {CHECK: expectation.name}
    match expectation:
        case Between(column=column, minimum=minimum, maximum=maximum):
            return ExpectColumnValuesToBeBetween(column=column, min_value=minimum, max_value=maximum, meta=meta)
        case OneOf(column=column, values=values):
            return ExpectColumnValuesToBeInSet(column=column, value_set=list(values), meta=meta)
        case Filled(column=column, share=share):
            return ExpectColumnValuesToNotBeNull(column=column, mostly=share, meta=meta)
        case NotEmptied():
            low, _ = row_limits(expectation, rows_before)
            return ExpectTableRowCountToBeBetween(min_value=low, meta=meta)
        case RowCount():
            # A suite drops what it takes for a repetition: strict and one lower, it is not that of NotEmptied.
            low, high = row_limits(expectation, rows_before)
            return ExpectTableRowCountToBeBetween(min_value=low - 1, strict_min=True, max_value=high, meta=meta)
        case NoRows(query=query):
            # Great Expectations prints a warning for a query without its table; one between other layers rightly has none.
            named = query if "{batch}" in query else f"/* {{batch}} */ {query}"
            return UnexpectedRowsExpectation(unexpected_rows_query=named, meta=meta)
