"""How figures, days and text are shown: lakh and crore for rupees, thousands and millions else."""

import math
import re
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from typing import NamedTuple

from babel.numbers import get_currency_symbol

from viewer.periods import whole_months

NOTHING = "–"
MINUS = "\N{MINUS SIGN}"
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

Number = int | float | Decimal


@dataclass(frozen=True)
class Style:
    """How figures and days are written.

    Attributes:
        currency: ISO 4217 code of all money. Indian rupees are grouped and shortened as in India.
        iso_dates: Whether days read 2025-04-05 instead of 5 Apr 2025.
    """

    currency: str = "INR"
    iso_dates: bool = False

    @property
    def is_indian(self) -> bool:
        """Whether digits are grouped in lakh and crore."""
        return self.currency == "INR"

    @cached_property
    def symbol(self) -> str:
        """What stands before an amount: ₹, $, or the code followed by a space."""
        symbol = get_currency_symbol(self.currency, locale="en")
        return f"{symbol}\N{NO-BREAK SPACE}" if symbol.isalpha() else symbol

    @property
    def date_picker(self) -> str:
        """How a widget for days writes them."""
        return "YYYY-MM-DD" if self.iso_dates else "DD/MM/YYYY"

    @property
    def units(self) -> tuple["Unit", ...]:
        """Short forms of amounts, largest first."""
        return INDIAN_UNITS if self.is_indian else WESTERN_UNITS


class Unit(NamedTuple):
    """A short form of amounts.

    Attributes:
        least: Smallest amount that is written so: what the next smaller form would round up to one.
        size: What one of it is.
        places: Decimal places.
        name: What follows the number.
    """

    least: Decimal
    size: Decimal
    places: int
    name: str


INDIAN_UNITS = (
    Unit(Decimal(9_999_500), Decimal(10_000_000), 2, " Cr"),
    Unit(Decimal("99999.5"), Decimal(100_000), 2, " L"),
)
WESTERN_UNITS = (
    Unit(Decimal(999_995_000), Decimal(10**9), 2, "B"),
    Unit(Decimal(999_500), Decimal(10**6), 2, "M"),
    Unit(Decimal("99999.5"), Decimal(1000), 0, "K"),
)

# Every page run has a context of its own, so that two people may read dates in different ways.
_style: ContextVar[Style] = ContextVar("style")
_DEFAULT = Style()


def use(style: Style) -> None:
    """Write everything in this style for the rest of the run."""
    _style.set(style)


def style() -> Style:
    """The style in use."""
    return _style.get(_DEFAULT)


def is_missing(value: Number | None) -> bool:
    """Whether there is no figure: None, NaN (what pandas makes of null) or an infinite one."""
    return value is None or not math.isfinite(value)


def money(value: Number | None) -> str:
    """Money at a glance: ₹1.11 Cr, ₹10.23 L, ₹45,678, ₹83.50; $1.11M; – for null."""
    if value is None or is_missing(value):
        return NOTHING
    amount = _decimal(value)
    size = abs(amount)
    symbol = style().symbol
    for unit in style().units:
        if size >= unit.least:
            return _signed(symbol, amount / unit.size, unit.places) + unit.name
    places = 0 if size >= 1000 or amount == amount.to_integral_value() else 2
    return _signed(symbol, amount, places)


def money_in_full(value: Number | None) -> str:
    """Whole units of money, grouped: ₹1,23,456; – for null."""
    if value is None or is_missing(value):
        return NOTHING
    return _signed(style().symbol, _decimal(value), 0)


def count(value: Number | None) -> str:
    """A whole number, grouped: 1,23,456; – for null."""
    if value is None or is_missing(value):
        return NOTHING
    return _signed("", _decimal(value), 0)


def number(value: Number | None) -> str:
    """A number to six places, without zeros at its end: 1,234.5; – for null."""
    if value is None or is_missing(value):
        return NOTHING
    exact = _rounded(_decimal(value), 6).normalize()
    return _signed("", exact, max(-int(exact.as_tuple().exponent), 0))


def ratio(value: Number | None) -> str:
    """A return per unit of money: 3.39x; – for null."""
    if value is None or is_missing(value):
        return NOTHING
    return _signed("", _decimal(value), 2) + "x"


def percent(value: Number | None) -> str:
    """A share: 0.123 reads 12.3 %; – for null."""
    if value is None or is_missing(value):
        return NOTHING
    return _signed("", _decimal(value) * 100, 1) + " %"


def cases(probability: Number | None) -> str:
    """Of 100 cases: 0.803 reads 80, and never none or all of them; – for null."""
    if probability is None or is_missing(probability):
        return NOTHING
    return count(min(max(round(100 * float(probability)), 1), 99))


def yes_or_no(value: bool | None) -> str:
    """A truth value: Yes or No; – for null."""
    return NOTHING if value is None else "Yes" if value else "No"


def day(value: date) -> str:
    """A day: 5 Apr 2025, whatever the language of the server, or 2025-04-05."""
    if style().iso_dates:
        return f"{value:%Y-%m-%d}"
    return f"{value.day} {MONTHS[value.month - 1]} {value.year}"


def period(first_day: date, last_day: date) -> str:
    """Days from first to last: 22 Apr 2025 – 20 Jul 2025, or the one day."""
    return day(first_day) if first_day == last_day else f"{day(first_day)} – {day(last_day)}"


def short_period(first_day: date, last_day: date) -> str:
    """Days from first to last where there is little room: 10–20 Oct 2025, Jul–Sep 2026.

    Whole months are named, and what both ends share stands once. ISO days are not shortened.
    """
    if style().iso_dates:
        return period(first_day, last_day)
    begin, end = day(first_day), day(last_day)
    if whole_months((first_day, last_day)):
        begin, end = (text.split(" ", 1)[1] for text in (begin, end))
    for shared in (end, end.split(" ", 1)[1], f"{last_day.year}"):
        if begin.endswith(shared):
            begin = begin.removesuffix(shared).strip()
            break
    dash = " – " if " " in begin else "–"
    return f"{begin}{dash}{end}" if begin else end


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


def money_tick(value: float) -> str:
    """A round amount on the axis of a chart, to three digits: ₹10 L, ₹1.2 Cr, ₹500."""
    size = abs(value)
    name = ""
    for unit in style().units:
        if size >= unit.size:
            size, name = size / float(unit.size), unit.name
            break
    whole, _, fraction = f"{float(f'{size:.3g}'):.12g}".partition(".")
    shown = _grouped(whole) + (f".{fraction}" if fraction else "")
    return f"{MINUS if value < 0 else ''}{style().symbol}{shown}{name}"


# The last of so many decimal places.
_PLACES = [Decimal(1).scaleb(-places) for places in range(7)]


def _decimal(value: Number) -> Decimal:
    return value if isinstance(value, Decimal) else Decimal(str(value))


def _rounded(value: Decimal, places: int) -> Decimal:
    return value.quantize(_PLACES[places], rounding=ROUND_HALF_UP)


def _signed(unit: str, value: Decimal, places: int) -> str:
    rounded = _rounded(value, places)
    sign = MINUS if rounded < 0 else ""
    whole, _, fraction = f"{abs(rounded):f}".partition(".")
    return f"{sign}{unit}{_grouped(whole)}{'.' + fraction if fraction else ''}"


def _grouped(digits: str) -> str:
    """In India the last three digits, then pairs: 12345678 reads 1,23,45,678."""
    if len(digits) <= 3:
        return digits
    if not style().is_indian:
        return f"{int(digits):,}"
    head, tail = digits[:-3], digits[-3:]
    pairs = [head[max(end - 2, 0) : end] for end in range(len(head), 0, -2)]
    return ",".join([*reversed(pairs), tail])
