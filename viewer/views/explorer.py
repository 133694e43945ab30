"""Data explorer: the published marts as they are, with the filters applied, and as CSV."""

from functools import partial
from typing import Any

import streamlit as st

from viewer import data, filters
from viewer.data import MartFilters, Selection
from viewer.format import count, plain
from viewer.views import parts

MOST_ROWS_SHOWN = 10_000
NUMBER_TYPES = ("BIGINT", "DOUBLE", "INTEGER")
LEAST_NUMBER_PIXELS, PIXELS_A_LETTER = 110, 9


def show(selection: Selection) -> None:
    """Lay out the page."""
    parts.header("Data explorer", selection)
    descriptions = data.mart_descriptions()
    mart = st.selectbox("Mart", list(descriptions), key="mart", bind="query-params")
    st.caption(plain(descriptions[mart]))
    narrowed = data.mart_filters(mart, selection)
    _show_what_applies(narrowed)
    rows = data.mart_row_count(mart, selection)
    if not rows:
        _show_empty(mart, narrowed)
        return
    _show_download(mart, selection, rows)
    _show_rows(mart, selection, rows)


def _show_what_applies(narrowed: MartFilters) -> None:
    if narrowed.conditions:
        applied = ", ".join(filters.LABELS[name] for name in narrowed.conditions)
        undated = "; rows without a day stay" if narrowed.keeps_undated_rows else ""
        st.caption(f":material/filter_alt: Filtered by {applied}{undated}.")
    if narrowed.missing:
        missing = ", ".join(filters.LABELS[name] for name in narrowed.missing)
        st.caption(f":material/info: Not narrowed by {missing}: this mart has no such column.")


def _show_empty(mart: str, narrowed: MartFilters) -> None:
    widen = " or ".join(filters.LABELS[name] for name in narrowed.conditions)
    advice = f" Widen {widen}." if widen else " Nothing was published in it."
    st.info(f"{mart} has no rows here.{advice}", icon=":material/filter_alt_off:")


def _show_download(mart: str, selection: Selection, rows: int) -> None:
    st.download_button(
        f"Download {count(rows)} rows as CSV",
        data=partial(data.mart_csv, mart, selection),
        file_name=f"{mart}_{selection.first_day}_to_{selection.last_day}.csv",
        mime="text/csv",
        on_click="ignore",
        type="primary",
        icon=":material/download:",
    )


def _show_rows(mart: str, selection: Selection, rows: int) -> None:
    comments = data.column_comments()
    columns = {
        column: _column(column, data_type, comments.get((mart, column)))
        for column, data_type in data.mart_columns(mart).items()
    }
    if rows > MOST_ROWS_SHOWN:
        st.caption(
            f"Showing the first {count(MOST_ROWS_SHOWN)} of {count(rows)} rows;"
            " the CSV has all of them."
        )
    st.dataframe(
        data.mart_rows(mart, selection, MOST_ROWS_SHOWN),
        hide_index=True,
        column_config=columns,
        placeholder="–",
        height=560,
        alt=f"Rows of {mart}",
    )


def _column(name: str, data_type: str, comment: str | None) -> Any:
    help_text = plain(comment) if comment else None
    if data_type == "DATE":
        return st.column_config.DateColumn(help=help_text, format="DD MMM YYYY")
    if data_type in NUMBER_TYPES or data_type.startswith("DECIMAL"):
        # The grid measures figures before it groups their digits, so it would cut them off.
        width = max(LEAST_NUMBER_PIXELS, PIXELS_A_LETTER * len(name))
        return st.column_config.NumberColumn(help=help_text, format="localized", width=width)
    return st.column_config.Column(help=help_text)


show(filters.chosen())
