"""How numbers and tables look."""

from __future__ import annotations

from decimal import Decimal

import pytest

from dagster_project.cli.display import cell, print_table, rounded
from dagster_project.cli.explain import amount


@pytest.mark.parametrize("value", [477532.265, Decimal("477532.265000")])
def test_a_number_is_rounded_alike_whether_it_comes_as_a_double_or_as_a_decimal(value: float | Decimal) -> None:
    assert amount(value, 2) == "477,532.27"


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (0.125, 2, "0.13"),
        (-0.125, 2, "-0.13"),
        (2.5, 0, "3"),
        (-0.001, 2, "0.00"),
        (1e-9, 2, "0.00"),
        (1234567.0, 0, "1,234,567"),
        (1e30, 0, f"{10**30:,}"),
    ],
)
def test_halves_go_away_from_zero_and_nought_has_no_sign(value: float, digits: int, text: str) -> None:
    assert rounded(value, digits) == text


def test_the_widest_decimal_of_a_published_column_is_shown_whole() -> None:
    assert rounded(Decimal("99999999999999999999999999999999.123456"), 6) == "99,999,999,999,999,999,999,999,999,999,999.123456"


@pytest.mark.parametrize(
    ("value", "text"), [(None, "–"), (True, "yes"), (999.994, "999.99"), (1000.4, "1,000"), (41, "41"), ([1, "a"], "1, a")]
)
def test_a_cell_is_what_people_read(value: object, text: str) -> None:
    assert cell(value) == text


def test_numbers_and_what_is_copied_are_not_folded_where_there_is_no_room(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("dagster_project.cli.display.PIPED_WIDTH", 40)
    build = "20261127T112135Z-0ad55e"
    print_table("", ["build", "name_of_it", "bac"], [[build, "Growth and customers", 1073000.0]], frozenset({"bac"}), frozenset({"build"}))
    shown = capsys.readouterr().out
    assert build in shown
    assert "1,073,000" in shown
    assert "name_of_it" not in shown
