"""How figures, days and text are shown: Indian digit grouping, lakh and crore."""

import math
import re
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

NOTHING = "–"
MINUS = "\N{MINUS SIGN}"
LAKH = Decimal(100_000)
CRORE = Decimal(10_000_000)

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

Number = int | float | Decimal


def is_missing(value: Number | None) -> bool:
    """Whether there is no figure: None, NaN (what pandas makes of null) or an infinite one."""
    return value is None or not math.isfinite(value)


def rupees(value: Number | None) -> str:
    """Rupees at a glance: ₹1.11 Cr, ₹10.23 L, ₹45,678, ₹83.50; – for null."""
    if value is None or is_missing(value):
        return NOTHING
    amount = _decimal(value)
    # The unit is chosen by the rounded amount, so that ₹99,999.70 reads ₹1.00 L, not ₹1,00,000.
    if abs(_rounded(amount, 0)) < LAKH:
        places = 0 if amount == amount.to_integral_value() or abs(amount) >= 1000 else 2
        return _signed("₹", amount, places)
    if abs(_rounded(amount / LAKH, 2)) < 100:
        return _signed("₹", amount / LAKH, 2) + " L"
    return _signed("₹", amount / CRORE, 2) + " Cr"


def rupees_in_full(value: Number | None) -> str:
    """Whole rupees with Indian grouping: ₹1,23,456; – for null."""
    if value is None or is_missing(value):
        return NOTHING
    return _signed("₹", _decimal(value), 0)


def count(value: Number | None) -> str:
    """A whole number with Indian grouping: 1,23,456; – for null."""
    if value is None or is_missing(value):
        return NOTHING
    return _signed("", _decimal(value), 0)


def ratio(value: Number | None) -> str:
    """A return per rupee: 3.39x; – for null."""
    if value is None or is_missing(value):
        return NOTHING
    return _signed("", _decimal(value), 2) + "x"


def percent(value: Number | None) -> str:
    """A share: 0.123 reads 12.3 %; – for null."""
    if value is None or is_missing(value):
        return NOTHING
    return _signed("", _decimal(value) * 100, 1) + " %"


def day(value: date) -> str:
    """A day: 5 Apr 2025, whatever the language of the server."""
    return f"{value.day} {MONTHS[value.month - 1]} {value.year}"


def period(first_day: date, last_day: date) -> str:
    """Days from first to last: 22 Apr 2025 – 20 Jul 2025, or the one day."""
    return day(first_day) if first_day == last_day else f"{day(first_day)} – {day(last_day)}"


def moment(value: datetime) -> str:
    """A day and time with its time zone: 22 Nov 2026, 13:57 IST."""
    return f"{day(value)}, {value:%H:%M %Z}"


def names(values: list[str], most: int = 3) -> str:
    """A list in words, cut after `most`: Gritzo, HKVitals, MuscleBlaze and 2 more."""
    shown = ", ".join(values[:most])
    return f"{shown} and {len(values) - most} more" if len(values) > most else shown


def plain(text: str, longest: int = 300) -> str:
    """Text of the data or of the URL, such that Markdown shows it as it is, cut at `longest`."""
    cut = text if len(text) <= longest else text[: longest - 1] + "…"
    return re.sub(r"([\\`*_{}\[\]()<>#+|~$:!-])", r"\\\1", " ".join(cut.split()))


def _decimal(value: Number) -> Decimal:
    return value if isinstance(value, Decimal) else Decimal(str(value))


def _rounded(value: Decimal, places: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def _signed(unit: str, value: Decimal, places: int) -> str:
    rounded = _rounded(value, places)
    sign = MINUS if rounded < 0 else ""
    whole, _, fraction = f"{abs(rounded):f}".partition(".")
    return f"{sign}{unit}{_grouped(whole)}{'.' + fraction if fraction else ''}"


def _grouped(digits: str) -> str:
    """The last three digits, then pairs: 12345678 reads 1,23,45,678."""
    head, tail = digits[:-3], digits[-3:]
    pairs = [head[max(end - 2, 0) : end] for end in range(len(head), 0, -2)]
    return ",".join([*reversed(pairs), tail])
