"""Buttons that download what is filtered."""

from functools import partial

import streamlit as st

from viewer import data, exports, filters
from viewer.extract import Extract
from viewer.format import count


def show(extract: Extract, rows: int) -> None:
    """Buttons for all rows of an extract as CSV, XLSX and Parquet, made when pressed.

    Args:
        extract: Of a mart that has such buttons once a page.
        rows: How many rows that are.
    """
    # What is called on a click runs outside of this run, and so without its style.
    in_words = _filters_in_words(extract)
    mart = extract.mart
    with st.container(
        horizontal=True, vertical_alignment="center", gap="small", key=f"downloads_{mart}"
    ):
        st.markdown(f"Download {count(rows)} {'row' if rows == 1 else 'rows'}", width="content")
        for kind in exports.KINDS:
            too_many = rows > kind.most_rows
            st.download_button(
                kind.label,
                data=partial(kind.make, extract, in_words),
                file_name=extract.file_name(kind.ending),
                mime=kind.mime,
                key=f"download_{mart}_{kind.ending}",
                on_click="ignore",
                icon=":material/download:",
                disabled=too_many,
                help=exports.too_many_rows(rows) if too_many else None,
            )


def _filters_in_words(extract: Extract) -> str:
    """The filters of a mart in words, and which chosen filters do not apply to it."""
    words = filters.in_plain_words(extract.selection)
    missing = data.mart_filters(extract.mart, extract.selection).missing
    if missing:
        labels = ", ".join(map(filters.label, missing))
        words += f" (not filtered by {labels}: this mart has no such column)"
    return words
