"""How it is computed: formula, SQL and lineage of every figure, settings in force, methods."""

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from viewer import columns, data, filters, lineage, measures
from viewer.data import Model
from viewer.format import count, plain
from viewer.measures import Measure
from viewer.pages import path
from viewer.views import explanation

FIRST_MODEL = "fct_influencer_days"
PARTS = ("Figures", "Settings in force", "Methods")
LAYERS_IN_WORDS = {
    "marts": "Marts, which are published",
    "calibration": "Calibration: estimates beside the truth of simulated worlds",
    "incrementality": "Incrementality: the effect caused by campaigns",
    "baseline": "Baseline: revenue expected without the campaign",
    "panel": "Panel: small daily tables",
    "core": "Core: influencers, campaigns, posts, orders, payouts",
    "staging": "Staging: types, duplicates, rejects",
    "intake": "Intake: headers matched, all values text",
    "reference": "Reference: small tables maintained by hand",
    "raw": "Raw exports",
}
METHODS = {
    "attributed": "Revenue of orders with a code or link: credited, not caused. It has no"
    " confidence interval.",
    "organic_projection": "The legacy formula: attributed revenue minus what other customers"
    " bought on the same days, in proportion to spend. It is not a causal measure.",
    "pre_period": "Revenue of treated regions compared with their own mean of the same weekday in"
    " the pretest. It mistakes seasons and growth for an effect.",
    "did": "The change in mean daily revenue of treated regions minus that of control regions.",
    "did_ratio": "The growth rate of treated regions compared with that of control regions. It"
    " assumes that both would have grown at the same rate without the campaign.",
    "joint_panel": "One model of all campaigns of a brand, over all regions and weeks: what orders"
    " rise by where and when a campaign runs, against all regions where none does. The default of"
    " campaigns, and the only method that can separate overlapping ones.",
    "did_ratio_robust": "The same estimate as ratio difference-in-differences, with a standard"
    " error that combines variation between weeks and between regions. The default of most"
    " geo tests.",
    "gbr": "A regression across regions of test revenue on pretest revenue and incremental cost. It"
    " needs cost by region.",
    "tbr": "A linear regression fitted on the pretest predicts daily revenue of treated regions"
    " from that of control regions.",
    "trimmed_match": "Differences within pairs of similar regions, after trimming the pairs that"
    " fit worst. It needs cost by region, and ideally ten pairs.",
    "synthetic_control": "A weighted average of control regions that best fits the treated"
    " regions in the pretest.",
}


def show() -> None:
    """Lay out the page."""
    st.title("How it is computed")
    st.caption("Formula, SQL and lineage of every figure and table.")
    figures, settings, methods = st.tabs(PARTS, key="part", bind="query-params", on_change="rerun")
    with figures:
        _show_figures(data.models())
    with settings:
        _show_settings()
    with methods:
        _show_methods()


def catalogue() -> dict[str, Measure]:
    """The figures that pages show, by label; those that the published file has."""
    known = (measure for measure in vars(measures).values() if isinstance(measure, Measure))
    return {
        measure.label: measure
        for measure in known
        if measure.explained_by[1] in data.mart_columns(measure.explained_by[0])
    }


# --- Figures -----------------------------------------------------------------------------------


def _show_figures(models: Mapping[str, Model]) -> None:
    if not models:
        explanation.show_nothing_known()
        return
    name, column = _show_choice(models)
    model = models[name]
    st.header(f"{plain(name)} · {plain(column)}" if column else plain(name))
    _show_meaning(name, column, model)
    st.subheader("Formula" if column else "Formulas")
    explanation.show_formula(models, name, column)
    st.subheader("Lineage")
    _show_lineage(models, name)
    st.subheader("SQL")
    with st.expander(f"SQL of {plain(name)} in this build", icon=":material/code:"):
        explanation.show_sql(name)
    _show_columns(name, column, model)


def _show_choice(models: Mapping[str, Model]) -> tuple[str, str | None]:
    """Let the user choose a figure, or a model and maybe a column of it."""
    figures = catalogue()
    with st.grid(3, min_column_width=220):
        # A figure is a model and a column: these two are in the link, and the figure follows.
        slot = st.container()
        names = list(models)
        name = st.selectbox(
            "Table or model",
            names,
            index=names.index(FIRST_MODEL) if FIRST_MODEL in models else 0,
            key="model",
            bind="query-params",
            on_change=_choose,
            help="Every model and source of the build, published tables first.",
        )
        known = list(data.mart_columns(name))
        column = st.selectbox(
            "Column",
            known,
            index=None,
            key="column",
            bind="query-params",
            disabled=not known,
            placeholder="All columns" if known else "Published tables only",
        )
    labels = {figure.explained_by: label for label, figure in figures.items()}
    st.session_state["figure"] = labels.get((str(name), str(column)))
    slot.selectbox(
        "Figure",
        list(figures),
        index=None,
        key="figure",
        placeholder="Choose a figure",
        on_change=_choose_figure,
    )
    return str(name), column


def _choose_figure() -> None:
    figure = catalogue().get(st.session_state["figure"])
    _choose(*(figure.explained_by if figure else (None, None)))


def _choose(name: str | None = None, column: str | None = None) -> None:
    """Go to a model, or stay at that of the widget, and to one of its columns or all of them."""
    if name is not None:
        st.session_state["model"] = name
    st.session_state["column"] = column


def _show_meaning(name: str, column: str | None, model: Model) -> None:
    description, _, grain = model.description.partition("Grain:")
    if column:
        st.markdown(plain(columns.meaning(name, column), longest=2000))
        st.caption(f"{plain(name)}: {plain(description.strip(), longest=2000)}")
    else:
        st.markdown(plain(description.strip(), longest=2000))
    facts = [
        LAYERS_IN_WORDS.get(model.layer, model.layer),
        *([plain(grain.strip().rstrip(".").capitalize())] if grain else []),
        *([] if model.rows is None else [f"{count(model.rows)} rows"]),
    ]
    st.caption(" · ".join(facts))


def _show_lineage(models: Mapping[str, Model], name: str) -> None:
    explanation.show_diagram(models, name)
    _show_steps("Reads", list(models[name].parents), f"parents_{name}")
    _show_steps("Is read by", lineage.downstream(models, name), f"children_{name}")
    upstream = lineage.upstream(models, name)
    if len(upstream) > len(models[name].parents):
        with st.expander(
            f"All {count(len(upstream))} upstream models", icon=":material/account_tree:"
        ):
            for layer, members in lineage.by_layer(models, upstream).items():
                _show_steps(LAYERS_IN_WORDS.get(layer, layer), members, f"{layer}_{name}")


def _show_steps(label: str, names: list[str], key: str) -> None:
    """Models to go to by a click."""
    if names:
        st.pills(label, names, key=f"go_{key}", on_change=_go, args=[f"go_{key}"])


def _go(key: str) -> None:
    if st.session_state[key] in data.models():
        _choose(st.session_state[key])


def _show_columns(name: str, column: str | None, model: Model) -> None:
    types = data.mart_columns(name)
    if not types:
        return
    st.subheader("Columns")
    st.table(
        pd.DataFrame(
            {
                "Column": f"**{plain(each)}**" if each == column else plain(each),
                "Meaning": _meaning(columns.meaning(name, each), model.formulas.get(each)),
                "Type": data_type.lower(),
            }
            for each, data_type in types.items()
        ),
        hide_index=True,
        alt=f"Columns of {name}",
    )


def _meaning(comment: str, formula: str | None) -> str:
    """What a column means, with its formula: in one cell, so that it fits on a phone."""
    meaning = plain(comment, longest=2000)
    return f"{meaning} *Formula:* {plain(formula, longest=2000)}" if formula else meaning


# --- Settings and methods ----------------------------------------------------------------------


def _show_settings() -> None:
    st.markdown(
        "Settings of this build. To change one, edit `vars` in `dbt_project.yml` and run"
        " `make build`."
    )
    rows = data.settings_in_force()
    st.table(
        pd.DataFrame(
            {
                "Setting": [plain(name) for name in rows["setting"]],
                "Value": [plain(str(value)) for value in rows["value"]],
                "Meaning": [plain(text or "", longest=2000) for text in rows["description"]],
            }
        ),
        hide_index=True,
        alt="Settings of this build",
    )


def _show_methods() -> None:
    st.markdown(
        "Methods to measure incremental revenue. Each experiment is measured by every method; its"
        " data determine the default. `docs/method.md` has formulas, assumptions and limitations."
    )
    with st.grid(2, min_column_width=320):
        for method, sentence in METHODS.items():
            label = filters.method_name(method)
            with st.container(border=True, height="stretch", gap="xxsmall"):
                st.page_link(
                    path("experiments"),
                    label=f"**{label}**",
                    help=f"Experiments by the method {label}",
                    icon=":material/arrow_forward:",
                    icon_position="right",
                    query_params={"method": label},
                )
                st.markdown(sentence)
                st.caption(f"Method {plain(method)}")


show()
