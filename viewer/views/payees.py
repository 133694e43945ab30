"""Tables of payouts: influencers link to their pages, and money is written to the paisa."""

from collections.abc import Mapping
from decimal import Decimal
from urllib.parse import quote

import pandas as pd
import streamlit as st

from viewer import measures
from viewer.format import MINUS, money_in_full
from viewer.measures import Measure
from viewer.views import parts

# Longer tables scroll within themselves.
MOST_ROWS_IN_SIGHT, TABLE_PIXELS = 15, 560
# A link to the page of the influencer of a row.
LINK = measures.made_here("influencer", "Influencer")


def table(rows: pd.DataFrame, columns: Mapping[str, Measure], kept: str, alt: str) -> None:
    """Show rows of influencers.

    Args:
        rows: With influencer_id, influencer_name and the columns, but for the link.
        columns: What to show, in order.
        kept: Filters that links keep.
        alt: What the table shows.
    """
    names = rows["influencer_name"].fillna(rows["influencer_id"])
    links = [
        f"/influencer?id={quote(str(key), safe='')}{f'&{kept}' if kept else ''}#{quote(name)}"
        for key, name in zip(rows["influencer_id"], names, strict=True)
    ]
    link = st.column_config.LinkColumn(
        LINK.label, display_text=r"#(.*)$", pinned=True, help="Opens the influencer's page."
    )
    parts.table(
        rows.assign(influencer=links),
        columns,
        alt,
        formats={name: in_paisa for name, what in columns.items() if what.unit == "currency"},
        config={"influencer": link},
        height="content" if len(rows) <= MOST_ROWS_IN_SIGHT else TABLE_PIXELS,
    )


def in_paisa(amount: float) -> str:
    """Money as it is booked, to the paisa: ₹1,23,456.70."""
    exact = Decimal(str(amount)).quantize(Decimal("0.01"))
    whole, fraction = divmod(abs(exact), 1)
    sign = MINUS if exact < 0 else ""
    return f"{sign}{money_in_full(whole)}.{int(fraction * 100):02d}"
