"""Figures, days and text as they are shown."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from viewer import format as shown

NAN = float("nan")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "₹0"),
        (0.07, "₹0.07"),
        (-0.001, "₹0.00"),
        (83.5, "₹83.50"),
        (83, "₹83"),
        (999.994, "₹999.99"),
        (1234.5, "₹1,235"),
        (45_678, "₹45,678"),
        (99_999.4, "₹99,999"),
        (99_999.5, "₹1.00 L"),
        (100_000, "₹1.00 L"),
        (1_023_190.80, "₹10.23 L"),
        (9_999_499, "₹99.99 L"),
        (9_999_500, "₹1.00 Cr"),
        (11_067_000, "₹1.11 Cr"),
        (12_345_678_900_000, "₹12,34,567.89 Cr"),
        (Decimal("1023190.80"), "₹10.23 L"),
        (-412_000, "−₹4.12 L"),
        (None, "–"),
        (NAN, "–"),
        (float("inf"), "–"),
    ],
)
def test_money_at_a_glance(value: float | Decimal | None, text: str) -> None:
    assert shown.money(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (999, "999"),
        (1000, "1,000"),
        (123_456, "1,23,456"),
        (1_234_567, "12,34,567"),
        (-98_765_432, "−9,87,65,432"),
        (None, "–"),
    ],
)
def test_counts_have_indian_grouping(value: int | None, text: str) -> None:
    assert shown.count(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(3.388, "3.39x"), (-4.115, "−4.12x"), (0, "0.00x"), (23_843.45, "23,843.45x"), (NAN, "–")],
)
def test_ratios(value: float, text: str) -> None:
    assert shown.ratio(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (100, "100"),
        (123456.50, "1,23,456.5"),
        (Decimal("-0.125000"), "−0.125"),
        (1 / 3, "0.333333"),
        (None, "–"),
    ],
)
def test_numbers_have_no_zeros_at_their_end(value: float | Decimal | None, text: str) -> None:
    assert shown.number(value) == text


def test_truth_values() -> None:
    assert [shown.yes_or_no(value) for value in (True, False, None)] == ["Yes", "No", "–"]


def test_shares() -> None:
    assert shown.percent(0.1234) == "12.3 %"
    assert shown.percent(None) == "–"


def test_days_and_periods() -> None:
    first, last = date(2025, 4, 22), date(2025, 7, 20)
    assert shown.day(first) == "22 Apr 2025"
    assert shown.period(first, last) == "22 Apr 2025 – 20 Jul 2025"
    assert shown.period(first, first) == "22 Apr 2025"
    assert shown.moment(datetime(2026, 11, 5, 9, 7, tzinfo=UTC)) == "5 Nov 2026, 09:07 UTC"


def test_long_lists_are_cut() -> None:
    assert shown.names(["A", "B", "C"]) == "A, B, C"
    assert shown.names(["A", "B", "C", "D", "E"]) == "A, B, C and 2 more"


def test_text_of_the_data_is_not_markdown() -> None:
    assert shown.plain("*b* [x](http://y)\n<i>") == r"\*b\* \[x\]\(http\://y\) \<i\>"
    assert len(shown.plain("x" * 1000, longest=40)) == 40


@pytest.mark.parametrize(
    ("first", "last", "short"),
    [
        (date(2025, 10, 20), date(2025, 10, 20), "20 Oct 2025"),
        (date(2025, 10, 10), date(2025, 10, 20), "10–20 Oct 2025"),
        (date(2026, 7, 1), date(2026, 9, 20), "1 Jul – 20 Sep 2026"),
        (date(2025, 9, 11), date(2026, 9, 11), "11 Sep 2025 – 11 Sep 2026"),
        (date(2026, 9, 1), date(2026, 9, 30), "Sep 2026"),
        (date(2026, 7, 1), date(2026, 9, 30), "Jul–Sep 2026"),
        (date(2025, 4, 1), date(2026, 3, 31), "Apr 2025 – Mar 2026"),
    ],
)
def test_short_periods(first: date, last: date, short: str) -> None:
    assert shown.short_period(first, last) == short
