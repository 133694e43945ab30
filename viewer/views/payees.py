"""Tables of payouts: influencers link to their pages, and money is written to the paisa."""

from collections.abc import Callable, Mapping

import pandas as pd

from viewer import filters, measures
from viewer.format import MINUS, money_in_full
from viewer.measures import Measure
from viewer.views import parts

# Longer tables scroll within themselves.
MOST_ROWS_IN_SIGHT, TABLE_PIXELS = 15, 560
# A link to the page of the influencer of a row.
LINK = measures.made_here("influencer", "Influencer")
ID = Measure("influencer_id", "dim_influencers")


def table(
    rows: pd.DataFrame,
    columns: Mapping[str, Measure],
    kept: filters.Query,
    alt: str,
    file: str,
    whole: Callable[[], pd.DataFrame] | None = None,
    how_many: int | None = None,
    applied: str | None = None,
) -> None:
    """Show rows of influencers; files have their ids too, by which systems know them.

    Args:
        rows: With influencer_id, influencer_name and the columns, but for the link.
        columns: What to show, in order.
        kept: Filters that links keep.
        alt: What the table shows.
        file: Name of the files that it can be downloaded as.
        whole: Asks for the rows of files, if these are more.
        how_many: How many rows that are.
        applied: Filters that apply to it in words, if these are not all of the sidebar.
    """
    names = _names(rows)
    links = parts.links_to(
        "influencer", ({"id": [str(key)]} | kept for key in rows["influencer_id"]), names
    )
    link = parts.link_column(LINK.label, "Opens the influencer's page.")
    parts.table(
        rows.assign(influencer=links),
        columns,
        alt,
        formats={name: in_paisa for name, what in columns.items() if what.unit == "currency"},
        config={"influencer": link},
        height="content" if len(rows) <= MOST_ROWS_IN_SIGHT else TABLE_PIXELS,
    )
    parts.offer_files(
        lambda: _named(whole() if whole else rows),
        how_many or len(rows),
        {**columns, "influencer_id": ID},
        alt,
        file,
        applied,
    )


def _names(rows: pd.DataFrame) -> "pd.Series[str]":
    return rows["influencer_name"].fillna(rows["influencer_id"])


def _named(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(influencer=_names(rows))


def in_paisa(amount: float) -> str:
    """Money as it is booked, to the paisa: ₹1,23,456.70."""
    whole, fraction = divmod(round(abs(amount) * 100), 100)
    sign = MINUS if amount < 0 and (whole or fraction) else ""
    return f"{sign}{money_in_full(whole)}.{fraction:02d}"
