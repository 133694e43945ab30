"""Label, unit and direction of each published column, as the file has them."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Literal, NamedTuple

from viewer.format import count, day, money, number, percent, ratio, yes_or_no
from viewer.published import Identity, published_identity, read_rows

Direction = Literal["higher", "lower", "neither"]
Unit = Literal["currency", "ratio", "percent", "count", "days", "number", "date", "boolean", "text"]

# How a value of each unit is written.
WRITERS: Mapping[Unit, Callable[[Any], str]] = {
    "currency": money,
    "ratio": ratio,
    "percent": percent,
    "count": count,
    "days": count,
    "number": number,
    "date": day,
    "boolean": yes_or_no,
    "text": str,
}


class Column(NamedTuple):
    """How to show a column of a published mart.

    Attributes:
        label: What to call it.
        unit: What its values are.
        number_format: How spreadsheets write them; None for text and truth values.
        direction: Which way is good.
        headline: Its place among the headlines of overview and report; None for none.
        ranking: Its place in the table of influencers; None for none.
        description: What it means.
    """

    label: str
    unit: Unit
    number_format: str | None
    direction: Direction
    headline: int | None
    ranking: int | None
    description: str


def of_mart(mart: str) -> Mapping[str, Column]:
    """The columns of a mart by name; none for a mart that the file does not have."""
    return _columns(published_identity()).get(mart, {})


def about(mart: str, column: str) -> Column | None:
    """How to show a column; None if the file does not have it."""
    return of_mart(mart).get(column)


def in_place(place: Literal["headline", "ranking"]) -> dict[str, str]:
    """Mart of each column that has such a place, by name, in their order.

    Of marts that share a column, the first by name explains it.
    """
    found = sorted(
        (getattr(column, place), mart, name)
        for mart, by_name in _columns(published_identity()).items()
        for name, column in by_name.items()
        if getattr(column, place) is not None
    )
    marts: dict[str, str] = {}
    for _, mart, name in found:
        marts.setdefault(name, mart)
    return marts


def number_format(unit: Unit) -> str | None:
    """How spreadsheets write values of a unit; None for text and truth values."""
    return next(
        (
            column.number_format
            for by_name in _columns(published_identity()).values()
            for column in by_name.values()
            if column.unit == unit
        ),
        None,
    )


def meaning(mart: str, column: str) -> str:
    """What a column means; empty if the file has no description."""
    known = about(mart, column)
    return known.description if known else ""


@lru_cache(maxsize=2)
def _columns(identity: Identity) -> dict[str, dict[str, Column]]:
    by_mart: dict[str, dict[str, Column]] = {}
    for row in read_rows(
        """
        select
            mart, column_name, label, unit, number_format, direction, headline, ranking, description
        from meta_columns
        order by mart, column_number
        """
    ):
        mart, name = row.pop("mart"), row.pop("column_name")
        by_mart.setdefault(mart, {})[name] = Column(**row)
    return by_mart
