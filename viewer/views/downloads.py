"""Buttons that download what is filtered."""

from collections.abc import Callable, Mapping
from functools import partial

import pandas as pd
import streamlit as st

from viewer import data, exports, filters
from viewer.exports import Kind
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
            _button(
                kind,
                mart,
                partial(kind.make, extract, in_words),
                extract.file_name(kind.ending),
                exports.too_many_rows(rows) if too_many else None,
                disabled=too_many,
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
        for kind in exports.KINDS:
            if kind.make_of_table:
                _button(
                    kind,
                    name,
                    partial(kind.make_of_table, labelled),
                    f"{name}.{kind.ending}",
                    f"Download {count(len(rows))} {'row' if len(rows) == 1 else 'rows'}",
                )


def _button(
    kind: Kind,
    key: str,
    make: Callable[[], bytes],
    file: str,
    meaning: str | None,
    disabled: bool = False,
) -> None:
    st.download_button(
        kind.label,
        data=make,
        file_name=file,
        mime=kind.mime,
        key=f"download_{key}_{kind.ending}",
        on_click="ignore",
        icon=":material/download:",
        disabled=disabled,
        help=meaning,
    )


def _filters_in_words(extract: Extract) -> str:
    """The filters of a mart in words, and which chosen filters do not apply to it."""
    words = filters.in_plain_words(extract.selection)
    missing = data.mart_filters(extract.mart, extract.selection).missing
    if missing:
        labels = ", ".join(map(filters.label, missing))
        words += f" (not filtered by {labels}: this mart has no such column)"
    return words
