"""What the filters make of dates."""

from datetime import date

import pytest

from viewer.data import Options, Selection
from viewer.filters import in_words, period_of

OPTIONS = Options(date(2025, 4, 22), date(2025, 7, 20))
FIRST, LAST = OPTIONS.first_day, OPTIONS.last_day
MAY, JUNE = date(2025, 5, 1), date(2025, 6, 1)


@pytest.mark.parametrize(
    ("dates", "period"),
    [
        ((MAY, JUNE), (MAY, JUNE)),
        ((JUNE, MAY), (MAY, JUNE)),
        ((MAY,), (MAY, MAY)),
        ((MAY, MAY), (MAY, MAY)),
        ((), (FIRST, LAST)),
        (None, (FIRST, LAST)),
        ((date(2025, 4, 1), date(2025, 6, 30)), (FIRST, date(2025, 6, 30))),
        ((date(2025, 7, 1), date(2026, 3, 31)), (date(2025, 7, 1), LAST)),
        ((date(2024, 1, 1), date(2024, 3, 31)), (date(2024, 1, 1), date(2024, 3, 31))),
    ],
)
def test_period(dates: tuple[date, ...] | None, period: tuple[date, date]) -> None:
    assert period_of(dates, OPTIONS) == period


def test_a_selection_in_words() -> None:
    selection = Selection(MAY, JUNE, platforms=("X_y",), campaigns=("a", "b", "c", "d"))
    assert in_words(selection) == r"1 May 2025 – 1 Jun 2025 · X\_y · a, b, c and 1 more"
