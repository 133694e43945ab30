"""How a figure is computed: the button beside it, and the panel that it opens."""

from collections.abc import Mapping

import streamlit as st

from viewer import columns, data, lineage
from viewer.data import Model
from viewer.format import plain
from viewer.measures import Measure
from viewer.pages import path


def button(measure: Measure, key: str = "") -> None:
    """A small button that opens the panel of a measure. It shows an icon; its label is read out.

    Args:
        measure: The figure to explain.
        key: Distinguishes it from others of the same measure on a page.
    """
    mart, column = measure.explained_by
    label = f"How {measure.label} is computed"
    if st.button(
        label,
        key=f"how_{key or f'{mart}_{column}_{measure.label}'}",
        type="tertiary",
        icon=":material/function:",
        help=label,
    ):
        open_panel(mart, column, measure.label)


def open_panel(mart: str, column: str, label: str) -> None:
    """Open the panel of a column of a mart; Escape closes it.

    Args:
        mart: Published mart.
        column: Its column.
        label: What users call it.
    """

    @st.dialog(plain(label), width="medium", position="right", icon=":material/function:")
    def panel() -> None:
        _show_panel(mart, column, label)

    panel()


def _show_panel(mart: str, column: str, label: str) -> None:
    meaning = columns.meaning(mart, column)
    if meaning:
        st.markdown(plain(meaning, longest=2000))
    st.caption(f"Column {plain(column)} of {plain(mart)}")
    models = data.models()
    if mart not in models:
        show_nothing_known()
        return
    st.markdown("**Formula**")
    show_formula(models, mart, column)
    st.markdown("**Lineage**")
    # One step: the panel is narrow.
    show_diagram(models, mart, most_steps=1)
    with st.expander("SQL", icon=":material/code:"):
        show_sql(mart)
    st.page_link(
        path("computed"),
        label="Details: columns, full lineage, settings",
        icon=":material/arrow_forward:",
        query_params={"model": mart, "column": column},
    )


def show_nothing_known() -> None:
    """Say that the published file does not contain formulas and SQL."""
    st.info(
        "The published file does not contain formulas and SQL. Run `make build` to publish it again"
        " with them.",
        icon=":material/info:",
    )


def show_formula(models: Mapping[str, Model], name: str, column: str | None) -> None:
    """The formula of a column, or all formulas of the model.

    Args:
        models: All models by name.
        name: One of them.
        column: Its column; None for all.
    """
    where = where_computed(models, name, column)
    if column is not None and where is not None:
        _show_formulas({column: models[where].formulas[column]})
        if where != name:
            st.caption(f"Computed in {plain(where)} and selected by {plain(name)}.")
        return
    if not models[name].formulas:
        st.caption("No formulas: see the SQL.")
        return
    if column is not None:
        st.caption(f"{plain(column)} is selected unchanged. Formulas of {plain(name)}:")
    _show_formulas(models[name].formulas)


def where_computed(models: Mapping[str, Model], name: str, column: str | None) -> str | None:
    """The model that computes a column: this one, or the nearest upstream; None if nothing does."""
    if column is None:
        return None
    for model in (name, *lineage.upstream(models, name)):
        if model in models and column in models[model].formulas:
            return model
    return None


def show_diagram(
    models: Mapping[str, Model], name: str, most_steps: int = lineage.MOST_STEPS
) -> None:
    """What a model reads, drawn, and the raw tables that it comes from in the end.

    Args:
        models: All models by name.
        name: One of them.
        most_steps: How many steps back to draw at most.
    """
    drawn = lineage.diagram(models, name, most_steps)
    if not drawn.mermaid:
        st.caption("A source: it reads no other model.")
        return
    st.mermaid_chart(drawn.mermaid, alt=drawn.alt)
    if not drawn.is_whole:
        reach = "one step" if drawn.steps == 1 else f"{drawn.steps} steps"
        raw = ", ".join(table.removeprefix("raw.") for table in lineage.raw_tables(models, name))
        origin = f" Raw tables: {plain(raw)}." if raw else ""
        st.caption(f"Shown {reach} upstream.{origin}")


def show_sql(name: str) -> None:
    """The SQL, or Python, that a model ran in the build.

    Args:
        name: A model.
    """
    sql = data.compiled_sql(name)
    if sql is None:
        st.caption("No SQL: it is loaded from a file.")
    else:
        is_python = "def model(" in sql  # the interface of dbt
        st.code(sql, language="python" if is_python else "sql", wrap_lines=True)


def _show_formulas(formulas: Mapping[str, str]) -> None:
    lines = [f"{column} = {formula}" for column, formula in formulas.items()]
    st.code("\n".join(lines), language=None, wrap_lines=True)
