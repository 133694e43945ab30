"""Periods of the calendar: whole months, quarters and fiscal years, and those before them."""

from calendar import monthrange
from datetime import date, timedelta

# First and last day, both included.
Period = tuple[date, date]

ONE_DAY = timedelta(days=1)
QUARTER, YEAR = 3, 12


def previous_period(days: Period) -> Period:
    """What a period is compared with.

    Whole months are compared with as many whole months before them, so a quarter with a quarter;
    the first days of a month with the same days of the month before; anything else with as many
    days directly before it.
    """
    first, last = days
    if months := whole_months(days):
        return add_months(first, -months), first - ONE_DAY
    if is_month_to_date(days):
        return add_months(first, -1), add_months(last, -1)
    length = last - first + ONE_DAY
    return first - length, last - length


def previous_year(days: Period) -> Period:
    """The same days of the year before; whole months stay whole, else 29 February is the 28th."""
    first, last = days
    if whole_months(days):
        return add_months(first, -YEAR), add_months(last + ONE_DAY, -YEAR) - ONE_DAY
    return add_months(first, -YEAR), add_months(last, -YEAR)


def previous_name(days: Period, fiscal_year_start_month: int) -> str:
    """What `previous_period` of a period is called."""
    first, last = days
    months = whole_months(days)
    if months == 1:
        return "previous month"
    if months and first == span_start(first, months, fiscal_year_start_month):
        if months == QUARTER:
            return "previous quarter"
        if months == YEAR:
            return "previous fiscal year"
    if months:
        return f"previous {months} months"
    if is_month_to_date(days):
        return "previous month to date"
    length = (last - first).days + 1
    return "previous day" if length == 1 else f"previous {length} days"


def named_periods(day: date, fiscal_year_start_month: int) -> dict[str, Period]:
    """Month, quarter and fiscal year to a day, and the whole ones before, by name."""
    named = {}
    for name, months in {"month": 1, "quarter": QUARTER, "fiscal year": YEAR}.items():
        first = span_start(day, months, fiscal_year_start_month)
        named[f"{name.capitalize()} to date"] = first, day
        named[f"Last {name}"] = add_months(first, -months), first - ONE_DAY
    return named


def overlap(days: Period, others: Period) -> Period | None:
    """The days that two periods share; None if there are none."""
    first, last = max(days[0], others[0]), min(days[1], others[1])
    return (first, last) if first <= last else None


def span_start(day: date, months: int, fiscal_year_start_month: int) -> date:
    """First day of the month, quarter or fiscal year of a day, which have so many months."""
    return add_months(day.replace(day=1), -((day.month - fiscal_year_start_month) % months))


def whole_months(days: Period) -> int:
    """How many months a period has, if all of them are whole; else 0."""
    first, last = days
    if first.day > 1 or (last + ONE_DAY).day > 1:
        return 0
    return (last.year - first.year) * YEAR + last.month - first.month + 1


def is_month_to_date(days: Period) -> bool:
    """Whether a period is the first days of a month, but not the whole of it."""
    first, last = days
    is_one_month = (first.year, first.month) == (last.year, last.month)
    return first.day == 1 and is_one_month and not whole_months(days)


def add_months(day: date, months: int) -> date:
    """The same day some months later, or the last of that month if it has no such day."""
    year, month = divmod(day.year * YEAR + day.month - 1 + months, YEAR)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
