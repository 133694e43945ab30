"""Buttons that download what is filtered."""

from collections.abc import Mapping, Sequence
from functools import partial

import pandas as pd
import streamlit as st

from viewer import data, exports, filters
from viewer.extract import Condition, Extract
from viewer.format import count
from viewer.selection import Selection


def show(
    mart: str,
    selection: Selection,
    columns: Sequence[str] | None = None,
    *,
    conditions: Sequence[Condition] = (),
    sort: str | None = None,
    descending: bool = False,
    rows: int | None = None,
) -> None:
    """Buttons for all filtered rows of a mart as CSV, XLSX and Parquet, made when pressed.

    Args:
        mart: Published mart, once a page.
        selection: What the filters choose.
        columns: Columns in order; None for all.
        conditions: Further conditions on its columns.
        sort: Column to sort by; None for the order of the published file.
        descending: Whether the largest comes first.
        rows: How many rows that are, if known; else they are counted.
    """
    extract = Extract(mart, selection, tuple(columns or ()), tuple(conditions), sort, descending)
    if rows is None:
        rows = data.extract_row_count(extract)
    # What is called on a click runs outside of this run, and so without its style.
    in_words = _filters_in_words(mart, selection)
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


def of_table(rows: pd.DataFrame, labels: Mapping[str, str], name: str) -> None:
    """Buttons for the rows of a table as shown, as CSV and XLSX.

    Args:
        rows: What to write.
        labels: Header of each column.
        name: Name of the file, without its ending.
    """
    labelled = rows.rename(columns=dict(labels))
    with st.container(horizontal=True, gap="small", key=f"downloads_{name}"):
        for label, ending, mime, make in (
            ("CSV", "csv", "text/csv", exports.table_csv),
            ("XLSX", "xlsx", exports.XLSX_MIME, exports.table_xlsx),
        ):
            st.download_button(
                label,
                data=partial(make, labelled),
                file_name=f"{name}.{ending}",
                mime=mime,
                key=f"download_{name}_{ending}",
                on_click="ignore",
                icon=":material/download:",
                help=f"Download {count(len(rows))} {'row' if len(rows) == 1 else 'rows'}",
            )


def _filters_in_words(mart: str, selection: Selection) -> str:
    """The filters of a mart in words, and which chosen filters do not apply to it."""
    narrowed = data.mart_filters(mart, selection)
    words = filters.in_plain_words(selection)
    if narrowed.missing:
        missing = ", ".join(filters.label(name) for name in narrowed.missing)
        words += f" (not filtered by {missing}: this mart has no such column)"
    return words
