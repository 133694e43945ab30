"""What of a mart is shown or exported: filtered rows, some of its columns, in an order."""

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal, NamedTuple, get_args

from viewer.selection import Selection

Operator = Literal["is", "is not", "contains", ">=", "<=", "is empty"]
Value = str | Decimal | date | bool

OPERATORS: tuple[Operator, ...] = get_args(Operator)
# Digits that every numeric type of the marts can be compared with.
NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,6})?")
WORDS = {"true": True, "yes": True, "false": False, "no": False}
HOLDS = {"DATE": "holds days: write them as 2025-04-30", "BOOLEAN": "is true or false"}


class UnusableValueError(ValueError):
    """A value that its column cannot be compared with; the message is one line for the user."""


class Condition(NamedTuple):
    """A condition of the user's own on a column; "contains" ignores case, "is empty" has None."""

    column: str
    operator: Operator
    value: Value | None

    def in_words(self) -> str:
        """The condition in one line of text."""
        if self.operator == "is empty":
            return f"{self.column} is empty"
        value = str(self.value).lower() if isinstance(self.value, bool) else self.value
        return f"{self.column} {self.operator} {value}"


@dataclass(frozen=True)
class Extract:
    """Rows of a mart that the sidebar's filters and further conditions leave.

    Its columns in the order to have them, none for all; sorted by one of them, empty cells last, or
    in the order of the published file.
    """

    mart: str
    selection: Selection
    columns: tuple[str, ...] = ()
    conditions: tuple[Condition, ...] = ()
    sort: str | None = None
    descending: bool = False

    def file_name(self, ending: str) -> str:
        """Name of a file with these rows, such as fct_posts_2025-01-01_to_2025-01-31.csv."""
        return f"{self.mart}_{self.selection.first_day}_to_{self.selection.last_day}.{ending}"


def condition(column: str, data_type: str, operator: Operator, text: str) -> Condition | None:
    """The condition that a user wrote; None as long as it says nothing, for want of a value.

    Raises:
        UnusableValueError: If the column cannot be compared with the text.
    """
    if operator == "is empty":
        return Condition(column, operator, None)
    if not text.strip():
        return None
    if operator == "contains" or data_type == "VARCHAR":
        return Condition(column, operator, text)
    return Condition(column, operator, _value(column, data_type, text.strip()))


def _value(column: str, data_type: str, text: str) -> Value:
    with suppress(ValueError, KeyError):
        if data_type == "DATE":
            return date.fromisoformat(text)
        if data_type == "BOOLEAN":
            return WORDS[text.lower()]
        digits = text.replace(",", "")
        if NUMBER.fullmatch(digits):
            return Decimal(digits)
    what = HOLDS.get(data_type, "holds figures: write them as 1234.50")
    raise UnusableValueError(f"{column} {what}, not {text}.")
