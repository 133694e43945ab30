"""Data explorer: the published marts as they are, narrowed and sorted as one likes, as files."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from viewer import columns, data, filters
from viewer.columns import Column
from viewer.data import MartFilters
from viewer.extract import OPERATORS, Condition, Extract, UnusableValueError, condition
from viewer.format import count, plain, style
from viewer.selection import View
from viewer.views import downloads, parts

MOST_ROWS_SHOWN = 1_000
CONDITIONS = (1, 2, 3)
ORDERS = ("Ascending", "Descending")
EXAMPLES = {"DATE": "2025-04-30", "BOOLEAN": "true or false", "VARCHAR": "Text"}
LEAST_NUMBER_PIXELS, PIXELS_A_LETTER = 110, 9


def show(view: View) -> None:
    """Lay out the page."""
    selection = view.selection
    parts.header("Data explorer", selection)
    descriptions = data.mart_descriptions()
    left, right = st.columns(2)
    mart = str(left.selectbox("Mart", list(descriptions), key="mart", bind="query-params"))
    types = data.mart_columns(mart)
    _forget_unknown(types)
    chosen = right.multiselect(
        "Columns",
        list(types),
        key="columns",
        bind="query-params",
        placeholder=f"All {count(len(types))}",
        help="Shown and downloaded in the order chosen.",
    )
    st.caption(plain(descriptions[mart], longest=600))
    sort, descending = _show_sort(types)
    conditions = _show_conditions(types)
    narrowed = data.mart_filters(mart, selection)
    _show_what_applies(narrowed)
    extract = Extract(mart, selection, tuple(chosen), conditions, sort, descending)
    rows = data.extract_row_count(extract)
    if rows:
        downloads.show(extract, rows)
        _show_rows(extract, rows)
    else:
        _show_empty(extract, narrowed)


def _forget_unknown(types: Mapping[str, str]) -> None:
    """Let go of columns that the mart does not have, after another mart was chosen."""
    state = st.session_state
    if "columns" in state:
        state["columns"] = [name for name in state["columns"] if name in types]
    for key in ("sort", *(f"c{number}" for number in CONDITIONS)):
        if key in state and state[key] not in types:
            state[key] = None


def _show_sort(types: Mapping[str, str]) -> tuple[str | None, bool]:
    by, order = st.columns(2, vertical_alignment="bottom")
    sort = by.selectbox(
        "Sort by",
        list(types),
        index=None,
        key="sort",
        bind="query-params",
        placeholder="As published",
    )
    with order:
        chosen = st.segmented_control(
            "Order",
            ORDERS,
            default=ORDERS[0],
            required=True,
            key="order",
            bind="query-params",
            width="stretch",
            disabled=sort is None,
        )
    return sort, chosen == "Descending"


def _show_conditions(types: Mapping[str, str]) -> tuple[Condition, ...]:
    """Conditions of the user's own; a warning says why one cannot be used."""
    keys = [f"c{number}" for number in CONDITIONS]
    used = sum(bool(st.session_state.get(key, st.query_params.get(key))) for key in keys)
    in_force, unusable = [], []
    label = f"Conditions ({used})" if used else "Conditions"
    with st.expander(label, icon=":material/filter_list:", key="conditions"):
        for number in CONDITIONS:
            try:
                in_force.append(_show_condition(number, types))
            except UnusableValueError as error:
                unusable.append(str(error))
    for reason in unusable:
        st.warning(f"Ignored: {plain(reason)}", icon=":material/rule:")
    return tuple(filter(None, in_force))


def _show_condition(number: int, types: Mapping[str, str]) -> Condition | None:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        name = st.selectbox(
            f"Column {number}",
            list(types),
            index=None,
            key=f"c{number}",
            bind="query-params",
            placeholder="None",
        )
        operator = st.selectbox(
            f"Operator {number}", OPERATORS, key=f"o{number}", bind="query-params", width=140
        )
        text = st.text_input(
            f"Value {number}",
            key=f"v{number}",
            bind="query-params",
            max_chars=200,
            disabled=operator == "is empty",
            placeholder=EXAMPLES.get(types[name], "1234.50") if name else None,
        )
    return condition(name, types[name], operator, text or "") if name else None


def _show_what_applies(narrowed: MartFilters) -> None:
    if narrowed.conditions:
        applied = ", ".join(map(filters.label, narrowed.conditions))
        undated = "; rows without a date are kept" if narrowed.keeps_undated_rows else ""
        st.caption(f":material/filter_alt: Filtered by {applied}{undated}.")
    if narrowed.missing:
        missing = ", ".join(map(filters.label, narrowed.missing))
        st.caption(f":material/info: Not filtered by {missing}: this mart has no such column.")


def _show_empty(extract: Extract, narrowed: MartFilters) -> None:
    widen = [*map(filters.label, narrowed.conditions)]
    widen += ["the conditions"] if extract.conditions else []
    advice = f" Widen {' or '.join(widen)}." if widen else " The published table is empty."
    st.info(f"{extract.mart} has no rows here.{advice}", icon=":material/filter_alt_off:")


def _show_rows(extract: Extract, rows: int) -> None:
    known = columns.of_mart(extract.mart)
    config = {
        column: _config(column, data_type, known.get(column), column == extract.sort)
        for column, data_type in data.extract_columns(extract).items()
    }
    if rows > MOST_ROWS_SHOWN:
        st.caption(
            f"Showing the first {count(MOST_ROWS_SHOWN)} of {count(rows)} rows; downloads have all"
            " of them. Sort by sorts all rows, a click on a header those that are shown."
        )
    st.dataframe(
        data.extract_rows(extract, MOST_ROWS_SHOWN),
        hide_index=True,
        column_config=config,
        placeholder="–",
        height=560,
        alt=f"Rows of {extract.mart}",
    )


def _config(name: str, data_type: str, known: Column | None, is_sorted_by: bool) -> Any:
    """How a column is shown; the one that is sorted by stays in sight."""
    shown: dict[str, Any] = {
        "label": known.label if known else name,
        "help": plain(f"{name}: {known.description}", longest=600) if known else None,
        "pinned": is_sorted_by,
    }
    if data_type == "DATE":
        written = "YYYY-MM-DD" if style().iso_dates else "D MMM YYYY"
        return st.column_config.DateColumn(**shown, format=written)
    if data_type in ("BIGINT", "DOUBLE", "INTEGER") or data_type.startswith("DECIMAL"):
        # The grid measures figures before it groups their digits, so it would truncate them.
        width = max(LEAST_NUMBER_PIXELS, PIXELS_A_LETTER * len(shown["label"]))
        return st.column_config.NumberColumn(**shown, format="localized", width=width)
    return st.column_config.Column(**shown)


show(filters.chosen())
