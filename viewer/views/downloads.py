"""Buttons that download what is filtered, or what a table shows."""

from collections.abc import Callable
from functools import partial
from typing import Any

import streamlit as st

from viewer import data, exports, filters
from viewer.exports import Kind, Table
from viewer.extract import Extract
from viewer.format import count, plain


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


def of_table(table: Table, rows: int, file: str) -> None:
    """Small buttons below a table for all of its rows as CSV, XLSX and Parquet, made when pressed.

    Args:
        table: What to write.
        rows: How many rows it has.
        file: Name of the files, without its ending.
    """
    with st.container(
        horizontal=True,
        horizontal_alignment="right",
        vertical_alignment="center",
        gap="xxsmall",
        key=f"files_of_{table.name}",
    ):
        st.caption(f"Download {count(rows)} {'row' if rows == 1 else 'rows'}", width="content")
        for kind in exports.KINDS:
            too_many = rows > kind.most_rows
            _button(
                kind,
                table.name,
                partial(kind.make_of_table, table),
                f"{file}.{kind.ending}",
                exports.too_many_rows(rows) if too_many else plain(table.description),
                disabled=too_many,
                type="tertiary",
                icon=None,
            )


def _button(
    kind: Kind,
    key: str,
    make: Callable[[], bytes],
    file: str,
    meaning: str | None,
    disabled: bool = False,
    **look: Any,
) -> None:
    st.download_button(
        kind.label,
        data=make,
        file_name=file,
        mime=kind.mime,
        key=f"download_{key}_{kind.ending}",
        on_click="ignore",
        disabled=disabled,
        help=meaning,
        **({"icon": ":material/download:"} | look),
    )


def _filters_in_words(extract: Extract) -> str:
    """The filters of a mart in words, and which chosen filters do not apply to it."""
    words = filters.in_plain_words(extract.selection)
    missing = data.mart_filters(extract.mart, extract.selection).missing
    if missing:
        labels = ", ".join(map(filters.label, missing))
        words += f" (not filtered by {labels}: this mart has no such column)"
    return words
