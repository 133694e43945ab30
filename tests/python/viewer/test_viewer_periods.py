"""Periods of the calendar, against those of pandas and against dates counted by hand."""

from datetime import date

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from viewer import periods
from viewer.periods import Period

DAYS = st.dates(date(2020, 1, 1), date(2030, 12, 31))
FISCAL_STARTS = st.integers(1, 12)


def of(first: str, last: str) -> Period:
    return date.fromisoformat(first), date.fromisoformat(last)


@pytest.mark.parametrize(
    ("now", "before", "name"),
    [
        (("2024-03-01", "2024-03-31"), ("2024-02-01", "2024-02-29"), "month"),
        (("2026-01-01", "2026-01-31"), ("2025-12-01", "2025-12-31"), "month"),
        (("2026-07-01", "2026-09-30"), ("2026-04-01", "2026-06-30"), "quarter"),
        (("2026-06-01", "2026-08-31"), ("2026-03-01", "2026-05-31"), "3 months"),
        (("2025-04-01", "2026-03-31"), ("2024-04-01", "2025-03-31"), "fiscal year"),
        (("2025-01-01", "2025-12-31"), ("2024-01-01", "2024-12-31"), "12 months"),
        (("2026-05-01", "2026-09-30"), ("2025-12-01", "2026-04-30"), "5 months"),
        (("2026-09-01", "2026-09-20"), ("2026-08-01", "2026-08-20"), "month to date"),
        (("2026-03-01", "2026-03-30"), ("2026-02-01", "2026-02-28"), "month to date"),
        (("2026-09-01", "2026-09-01"), ("2026-08-01", "2026-08-01"), "month to date"),
        (("2026-07-01", "2026-09-20"), ("2026-04-10", "2026-06-30"), "82 days"),
        (("2026-09-02", "2026-09-30"), ("2026-08-04", "2026-09-01"), "29 days"),
        (("2026-03-01", "2026-04-15"), ("2026-01-14", "2026-02-28"), "46 days"),
        (("2026-09-20", "2026-09-20"), ("2026-09-19", "2026-09-19"), "day"),
    ],
)
def test_what_a_period_is_compared_with(
    now: tuple[str, str], before: tuple[str, str], name: str
) -> None:
    assert periods.previous_period(of(*now)) == of(*before)
    assert periods.previous_name(of(*now), 4) == f"previous {name}"


@pytest.mark.parametrize(
    ("now", "before"),
    [
        (("2024-02-01", "2024-02-29"), ("2023-02-01", "2023-02-28")),
        (("2025-02-01", "2025-02-28"), ("2024-02-01", "2024-02-29")),
        (("2024-02-10", "2024-02-29"), ("2023-02-10", "2023-02-28")),
        (("2025-02-10", "2025-02-28"), ("2024-02-10", "2024-02-28")),
        (("2026-07-01", "2026-09-30"), ("2025-07-01", "2025-09-30")),
    ],
)
def test_the_year_before(now: tuple[str, str], before: tuple[str, str]) -> None:
    assert periods.previous_year(of(*now)) == of(*before)


@given(day=DAYS, months=st.integers(-30, 30))
@settings(deadline=None)
def test_months_are_added_as_pandas_adds_them(day: date, months: int) -> None:
    expected = (pd.Timestamp(day) + pd.DateOffset(months=months)).date()
    assert periods.add_months(day, months) == expected


@given(first=DAYS, last=DAYS)
@settings(deadline=None)
def test_a_comparison_ends_before_the_period_begins(first: date, last: date) -> None:
    now = min(first, last), max(first, last)
    before = periods.previous_period(now)
    assert before[0] <= before[1] < now[0]
    months = [len(pd.period_range(*days, freq="M")) for days in (before, now)]
    if periods.whole_months(now):
        assert months == [periods.whole_months(before), periods.whole_months(now)]
        assert before[1] == now[0] - pd.Timedelta(days=1)


@given(day=DAYS, fiscal_start=FISCAL_STARTS)
@settings(deadline=None)
def test_named_periods_are_those_of_the_fiscal_year(day: date, fiscal_start: int) -> None:
    named = periods.named_periods(day, fiscal_start)
    ends_in = pd.Timestamp(2000, fiscal_start, 1) - pd.Timedelta(days=1)
    for name, frequency in {
        "month": "M",
        "quarter": f"Q-{ends_in:%b}".upper(),
        "fiscal year": f"Y-{ends_in:%b}".upper(),
    }.items():
        now = pd.Period(day, frequency)
        before = now - 1
        assert named[f"{name.capitalize()} to date"] == (now.start_time.date(), day)
        assert named[f"Last {name}"] == (before.start_time.date(), before.end_time.date())
