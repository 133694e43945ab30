"""Influencers & personas: rankings by incremental ROAS, costs, and comparison of personas."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from viewer import data, filters, measures, reasons
from viewer.charts import influencers as charts
from viewer.format import count, is_missing, names, plain, ratio
from viewer.measures import Measure
from viewer.pages import path
from viewer.selection import Selection, View
from viewer.views import explanation, parts

INFLUENCERS, PERSONAS = "Influencers", "Personas"
# What the ranking can be sorted by, highest first; links from other pages use the names.
SORTS = {
    "Lower bound": measures.IROAS_LOW,
    "Probability": measures.PROBABILITY,
    "Spend": measures.SPEND,
    "Attributed revenue": measures.ATTRIBUTED_REVENUE,
    "Incremental revenue": measures.INCREMENTAL_REVENUE,
    "ROAS": measures.ROAS,
}
# Sorts that express certainty, which apply only to what is measurable.
SURE_SORTS = ("Lower bound", "Probability")
# Further digits of a probability make no difference to a decision.
SURE_DIGITS = 6
SORT_IN_WORDS = {
    "Lower bound": "the lower bound of incremental ROAS",
    "Probability": "the probability of break-even",
    "Spend": "spend",
    "Attributed revenue": "attributed revenue",
    "Incremental revenue": "incremental revenue",
    "ROAS": "ROAS",
}
LENGTHS = ("10", "20", "50")
USUAL_LENGTH = "20"
MOST_ROWS = 500
MOST_PERSONAS = 4
TABLE_HEIGHT = 460
CELLS = {
    "Incremental ROAS": measures.INCREMENTAL_ROAS,
    "ROAS": measures.ROAS,
    "Spend": measures.SPEND,
    "Orders": measures.ORDERS,
}
# Rows of the comparison of personas, after who they are.
COMPARED = (
    measures.INFLUENCERS,
    measures.SPEND,
    measures.ORDERS,
    measures.ATTRIBUTED_REVENUE,
    measures.ROAS,
    measures.INCREMENTAL_REVENUE,
    measures.INCREMENTAL_ROAS,
    measures.IROAS_LOW,
    measures.IROAS_HIGH,
    measures.PROBABILITY,
    measures.VERDICT,
    measures.COST_PER_ORDER,
    measures.AVERAGE_ORDER,
    measures.COST_PER_THOUSAND,
    measures.COST_PER_ENGAGEMENT,
    measures.ENGAGEMENT_RATE,
    measures.NEW_CUSTOMER_SHARE,
    measures.COST_PER_NEW_CUSTOMER,
)
# Neither a bound nor what is not measurable can be best.
NOT_MARKED = ("iroas_high", "influencers")
MEASURED_ONLY = ("iroas", "iroas_low", "incremental_revenue", "prob_profitable")
BEST = "✓"
# Keys in the state of the session.
OPENED, CLICKS = "influencer_to_open", "clicks_on_influencers"


def show(view: View) -> None:
    """Lay out the page."""
    opened = st.session_state.pop(OPENED, None)
    if opened is not None:
        st.switch_page(path("influencer"), query_params={"id": opened})
    selection = view.selection
    parts.header("Influencers & personas", selection)
    if parts.shown_empty(selection):
        return
    parts.method_note(view)
    parts.short_note(selection)
    _restore("show")
    of_influencers, of_personas = st.tabs(
        [INFLUENCERS, PERSONAS], key="show", bind="query-params", on_change="rerun"
    )
    _keep("show")
    # Only the open tab is computed; each takes queries of its own.
    if of_personas.open:
        with of_personas:
            _show_personas(view)
    else:
        with of_influencers:
            _show_influencers(view)


# --- Influencers -------------------------------------------------------------------------------


def _show_influencers(view: View) -> None:
    selection = view.selection
    everyone = _named(
        data.performance(
            selection.without("influencer"),
            "influencer",
            method=view.method,
        ),
        selection,
    )
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        sort_by, how_many = _show_controls()
        _show_choice(everyone, selection)
    _show_click_hint(everyone, selection)
    ranked, unranked = _ranked(everyone, sort_by)
    chosen = ranked[ranked["is_chosen"]]
    _show_ranking(view, ranked, unranked, sort_by, how_many)
    _show_scatter(view, everyone)
    _show_table(view, chosen, sort_by)


def _show_controls() -> tuple[str, int]:
    _restore("sort_by", "how_many")
    sort_by = st.selectbox(
        "Sort by",
        list(SORTS),
        key="sort_by",
        bind="query-params",
        width=180,
        help="Highest first. The lower bound rewards evidence: a high return based on few orders"
        " has a low one.",
    )
    how_many = st.segmented_control(
        "Show",
        LENGTHS,
        default=USUAL_LENGTH,
        required=True,
        key="how_many",
        bind="query-params",
    )
    _keep("sort_by", "how_many")
    return str(sort_by), int(how_many or USUAL_LENGTH)


def _show_choice(everyone: pd.DataFrame, selection: Selection) -> None:
    """What a click on a chart does, for users of a keyboard or screen reader."""
    ordered = everyone.sort_values("label")
    label_of = dict(zip(ordered["influencer_id"], ordered["label"], strict=True))
    only = _only(selection)
    picked = st.selectbox(
        "Find an influencer",
        list(label_of),
        index=list(label_of).index(only) if only in label_of else None,
        format_func=lambda influencer: label_of.get(influencer, influencer),
        key=f"influencer_to_choose_{_clicks()}",
        placeholder="Type a name",
        width=220,
    )
    if picked is not None:
        _show_actions(picked, picked == only)
    elif selection.members("influencer"):
        st.button("Show all influencers", on_click=_set, args=["influencer", ()], key="everyone")


def _show_click_hint(everyone: pd.DataFrame, selection: Selection) -> None:
    chosen = everyone[everyone["is_chosen"]]["label"].tolist()
    if not selection.members("influencer"):
        hint = "Click an influencer to filter all pages; click again to open their page."
    else:
        is_one = len(chosen) == 1
        hint = (
            f"{names([plain(name) for name in chosen])} {'is' if is_one else 'are'} selected; the"
            " charts fade the others." + (" Click again to open their page." if is_one else "")
        )
    st.caption(hint)


def _only(selection: Selection) -> str | None:
    chosen = selection.members("influencer")
    return chosen[0] if len(chosen) == 1 else None


def _show_actions(picked: str, is_chosen: bool) -> None:
    if is_chosen:
        st.button("Show all influencers", on_click=_set, args=["influencer", ()], key="everyone")
    else:
        st.button("Filter", on_click=_set, args=["influencer", (picked,)], key="filter_by")
    st.page_link(
        path("influencer"),
        label="Open",
        icon=":material/arrow_forward:",
        icon_position="right",
        query_params={"id": picked},
    )


def _ranked(rows: pd.DataFrame, sort_by: str) -> tuple[pd.DataFrame, pd.Series[bool]]:
    """Rows in the chosen order, those without a value last; and which rows have none."""
    column = SORTS[sort_by].column
    if sort_by in SURE_SORTS and not rows["iroas_low"].notna().any():
        column = "iroas"
    value = rows[column].astype(float)
    if sort_by in SURE_SORTS and column != "iroas":
        # Probabilities that read the same are ranked by their lower bound.
        value = value.round(SURE_DIGITS).where(rows["verdict"] != "not measurable")
    ranked = rows.assign(_value=value).sort_values(
        ["_value", "iroas_low", "spend", "label"],
        ascending=[False, False, False, True],
        na_position="last",
    )
    return ranked, ranked["_value"].isna()


def _show_ranking(
    view: View, ranked: pd.DataFrame, unranked: pd.Series[bool], sort_by: str, how_many: int
) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.subheader("Ranking by incremental ROAS", width="content")
        explanation.button(measures.by_method(measures.INCREMENTAL_ROAS, view.method))
    first = ranked.head(how_many)
    # Selected influencers are shown wherever they rank.
    chosen = ranked[ranked["is_chosen"]] if view.selection.members("influencer") else ranked.head(0)
    shown = ranked.loc[first.index.union(chosen.index[:how_many], sort=False)]
    break_even = data.settings().break_even
    st.caption(
        f"{count(len(shown))} of {count(len(ranked))} influencers by"
        f" {_order_in_words(ranked, sort_by)}. {_bars_in_words(shown, break_even)}"
    )
    chart = charts.interval_ranking(
        shown,
        "influencer_id",
        measures.by_method(measures.INCREMENTAL_ROAS, view.method),
        break_even,
        f"{count(len(shown))} of {count(len(ranked))} influencers by"
        f" {_order_in_words(ranked, sort_by)}",
    )
    parts.show_chart(chart, "Ranking by incremental ROAS", "ranking", _clicked_influencer)
    _show_unranked(ranked[unranked], len(ranked), sort_by)


def _order_in_words(ranked: pd.DataFrame, sort_by: str) -> str:
    if sort_by in SURE_SORTS and not ranked["iroas_low"].notna().any():
        return "incremental ROAS"
    return SORT_IN_WORDS[sort_by]


def _bars_in_words(shown: pd.DataFrame, break_even: float) -> str:
    if not shown["iroas"].notna().any():
        return "None of them is measurable here."
    if not shown["iroas_low"].notna().any():
        return (
            "This method has no confidence interval, so points have no bars; the dashed line is the"
            f" break-even of {ratio(break_even)}."
        )
    clipped = charts.wider_than_axis(shown, break_even)
    arrows = (
        f" {count(clipped)} {'extends' if clipped == 1 else 'extend'} beyond the axis (arrows)."
        if clipped
        else ""
    )
    return (
        f"Bars are {parts.level_in_words()} confidence intervals; the dashed line is the"
        f" break-even of {ratio(break_even)}.{arrows}"
    )


def _show_unranked(unranked: pd.DataFrame, everyone: int, sort_by: str) -> None:
    if unranked.empty:
        return
    by_reason = sorted(unranked.groupby("reason_code"), key=lambda pair: -len(pair[1]))
    why = " ".join(
        f"{count(len(rows))}: {reasons.of_verdict(rows.iloc[0].to_dict())}" for _, rows in by_reason
    )
    st.caption(
        f":material/info: {count(len(unranked))} of {count(everyone)} cannot be ranked by"
        f" {SORT_IN_WORDS[sort_by]} and are listed last. {plain(why)}"
    )


def _show_scatter(view: View, everyone: pd.DataFrame) -> None:
    measure = measures.by_method(measures.INCREMENTAL_REVENUE, view.method)
    drawn = everyone[(everyone["spend"] > 0) & everyone["incremental_revenue"].notna()]
    st.subheader("Spend vs incremental revenue")
    left_out = len(everyone) - len(drawn)
    note = (
        f" {count(left_out)} of {count(len(everyone))} have no spend or no incremental revenue and"
        " are not shown."
        if left_out
        else ""
    )
    if drawn.empty:
        st.caption(f"No influencer has both spend and incremental revenue.{note}")
        return
    st.caption(
        "Points above the dashed break-even line earned back their spend. Circle size is the number"
        f" of orders; both axes are logarithmic.{note}"
    )
    chart = charts.spend_and_incremental(drawn, data.settings().break_even, measure)
    parts.show_chart(chart, "Spend vs incremental revenue", "scatter", _clicked_influencer)


def _show_table(view: View, rows: pd.DataFrame, sort_by: str) -> None:
    st.subheader(f"All {count(len(rows))} influencers" if len(rows) > 1 else "Influencer")
    shown = rows.head(MOST_ROWS)
    more = (
        f" The first {count(MOST_ROWS)} are shown; narrow the filters, or use the data explorer."
        if len(rows) > MOST_ROWS
        else ""
    )
    st.caption(f"Select a row to filter, as with a click on a chart.{more}")
    columns: dict[str, Measure | str] = {
        "label": "Influencer",
        **measures.of_ranking(),
        "platform": "Platform",
        "persona": "Persona",
    }
    columns["iroas"] = measures.by_method(measures.INCREMENTAL_ROAS, view.method)
    key = f"table_{_clicks()}"
    parts.table(
        shown,
        columns,
        alt=f"Table of {count(len(shown))} influencers by {SORT_IN_WORDS[sort_by]}",
        pinned=("label",),
        key=key,
        height=TABLE_HEIGHT if len(shown) > 11 else "content",
        selection_mode="single-row",
        on_select=partial(_ticked_influencer, key, shown["influencer_id"].tolist()),
    )


def _named(rows: pd.DataFrame, selection: Selection) -> pd.DataFrame:
    """Influencers under unique names, and whether the filter chooses them."""
    label_of = data.options().labels["influencer"]
    chosen = selection.members("influencer")
    ids = rows["influencer_id"].tolist()
    return rows.assign(
        label=[label_of.get(influencer, influencer) for influencer in ids],
        is_chosen=[not chosen or influencer in chosen for influencer in ids],
    )


# --- Personas ----------------------------------------------------------------------------------


def _show_personas(view: View) -> None:
    rows = _personas(view)
    _show_persona_ranking(view, rows)
    _show_comparison(view, rows)
    _show_heat_map(view)


def _personas(view: View) -> pd.DataFrame:
    """Every persona, whatever the persona filter, and the user's own if there is one."""
    selection, own = view.selection, view.own_persona
    unfiltered = selection.without("persona")
    rows = data.performance(unfiltered, "persona", method=view.method)
    chosen = list(selection.members("persona"))
    if own is not None:
        of_own = data.totals(replace(unfiltered, own_persona=own), view.method)
        member = own.member
        if of_own["influencer_days"]:
            rows = pd.concat([rows, pd.DataFrame([of_own | {"persona": member}])])
        if selection.own_persona:
            chosen.append(member)
    personas = rows["persona"].tolist()
    return rows.assign(
        label=personas, is_chosen=[not chosen or persona in chosen for persona in personas]
    ).reset_index(drop=True)


def _show_persona_ranking(view: View, rows: pd.DataFrame) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.subheader("Personas by incremental ROAS", width="content")
        explanation.button(measures.by_method(measures.INCREMENTAL_ROAS, view.method))
    ranked, unranked = _ranked(rows, "Lower bound")
    break_even = data.settings().break_even
    st.caption(
        f"By {_order_in_words(ranked, 'Lower bound')}. {_bars_in_words(ranked, break_even)}"
        " Click a persona to filter all pages; click again to clear the filter."
    )
    chart = charts.interval_ranking(
        ranked,
        "persona",
        measures.by_method(measures.INCREMENTAL_ROAS, view.method),
        break_even,
        f"{count(len(ranked))} personas by {_order_in_words(ranked, 'Lower bound')}",
    )
    parts.show_chart(chart, "Personas by incremental ROAS", "personas", _clicked_persona)
    _show_unranked(ranked[unranked], len(ranked), "Lower bound")
    if not rows["is_chosen"].all():
        selected = [plain(persona) for persona in rows[rows["is_chosen"]]["persona"]]
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.button("Show all personas", on_click=_set, args=["persona", ()], key="every_persona")
            st.caption(f"Selected: {names(selected) or 'none'}. The others are faded.")


def _show_comparison(view: View, rows: pd.DataFrame) -> None:
    st.subheader("Side by side")
    _restore("compare_personas")
    own = None if view.own_persona is None else view.own_persona.member
    known = [*([] if own is None else [own]), *data.options().labels["persona"]]
    asked = st.multiselect(
        "Personas to compare",
        known,
        key="compare_personas",
        bind="query-params",
        max_selections=MOST_PERSONAS,
        placeholder="The four with the most spend",
        help="Two to four. Define one of your own under My persona in the sidebar.",
    )
    _keep("compare_personas")
    shown = _compared(rows, asked, own)
    missing = [persona for persona in asked if persona not in set(rows["persona"])]
    if missing:
        st.caption(f":material/info: No influencer of {plain(names(missing))} was active here.")
    if shown.empty:
        return
    st.table(_side_by_side(shown, view.method))
    st.caption(
        f"{BEST} marks the best value of a row. Where confidence intervals overlap, the difference"
        " may be due to chance."
    )


def _compared(rows: pd.DataFrame, asked: Sequence[str], own: str | None) -> pd.DataFrame:
    """The personas that were asked for; else the chosen ones and those with most spend.

    One of the user's own was made to be compared, and so comes first.
    """
    if asked:
        order = {persona: place for place, persona in enumerate(asked)}
        found = rows[rows["persona"].isin(order)]
        return found.sort_values("persona", key=lambda column: column.map(order))
    is_picked = rows["is_chosen"] & (not rows["is_chosen"].all())
    ordered = rows.assign(_own=rows["persona"] == own, _picked=is_picked).sort_values(
        ["_own", "_picked", "spend", "persona"], ascending=[False, False, False, True]
    )
    return ordered.head(MOST_PERSONAS)


def _side_by_side(rows: pd.DataFrame, method: str) -> pd.DataFrame:
    """Measures by persona, as text: one column a persona, the best of each row marked."""
    table = {}
    for measure in COMPARED:
        values = rows[measure.column].tolist()
        best = _best(measure, values, rows["verdict"].tolist())
        label = (
            measures.by_method(measure, method).label
            if measure.column in ("iroas", "incremental_revenue")
            else measure.label
        )
        table[label] = [
            f"**{written} {BEST}**" if value == best and best is not None else written
            for value, written in zip(values, map(_written(measure), values), strict=True)
        ]
    return pd.DataFrame.from_dict(
        table, orient="index", columns=[plain(persona) for persona in rows["persona"]]
    )


def _written(measure: Measure) -> Callable[[Any], str]:
    if measure is measures.VERDICT:
        return lambda value: plain(str(value).capitalize())
    return lambda value: plain(measure.write(value))


def _best(measure: Measure, values: Sequence[Any], verdicts: Sequence[str]) -> float | None:
    """The best value of a row, if there is something to compare it with."""
    if measure.better == "neither" or measure is measures.VERDICT or measure.column in NOT_MARKED:
        return None
    known = [
        float(value)
        for value, verdict in zip(values, verdicts, strict=True)
        if not is_missing(value)
        and not (measure.column in MEASURED_ONLY and verdict == "not measurable")
    ]
    if len(known) < 2 or min(known) == max(known):
        return None
    return max(known) if measure.better == "higher" else min(known)


def _show_heat_map(view: View) -> None:
    st.subheader("Personas by platform")
    _restore("cells")
    shown = st.segmented_control(
        "Cells show", list(CELLS), default="Incremental ROAS", required=True, key="cells",
        bind="query-params",
    )  # fmt: skip
    _keep("cells")
    measure = CELLS[str(shown)]
    cells = _cells(view)
    cells = cells[(cells["spend"] != 0) & cells[measure.column].notna()]
    if cells.empty:
        st.caption("No spend here, so there is nothing to show.")
        return
    is_iroas = measure is measures.INCREMENTAL_ROAS
    has_intervals = bool(cells["iroas_low"].notna().any())
    colours = (
        f"Blue is above the break-even of {ratio(data.settings().break_even)}, orange below."
        + (" ▲ profitable, ▼ unprofitable; pale cells are inconclusive." if has_intervals else "")
        if is_iroas
        else "Darker is more."
    )
    st.caption(
        f"{colours} Cells without spend are empty. Click a cell to filter by persona and platform;"
        " click again to clear the filter."
    )
    personas = sorted(set(cells["persona"]))
    platforms = sorted(set(cells["platform"]))
    shown_measure = measures.by_method(measure, view.method) if is_iroas else measure
    parts.show_chart(
        charts.heat_map(cells, personas, platforms, shown_measure, data.settings().break_even),
        f"{shown_measure.label} of personas by platform",
        "heat_map",
        _clicked_cell,
    )


def _cells(view: View) -> pd.DataFrame:
    """Personas by platform, unfiltered by either: these filters only fade the other cells."""
    selection = view.selection
    # A persona of one's own spans several cells, so it has to narrow them.
    fading = ["platform"] if selection.own_persona else ["platform", "persona"]
    unfiltered = selection.without(*fading)
    cells = data.performance(unfiltered, "persona", "platform", method=view.method)
    is_chosen = pd.Series(True, index=cells.index)
    for name in fading:
        is_chosen &= cells[name].isin(selection.members(name)) | (not selection.members(name))
    return cells.assign(is_chosen=is_chosen)


# --- Clicks ------------------------------------------------------------------------------------


def _clicks() -> int:
    """Part of the keys of tables: after a click they start anew, with nothing selected."""
    return int(st.session_state.get(CLICKS, 0))


def _set(name: str, members: Sequence[str]) -> None:
    """Set a filter, in a callback."""
    st.session_state[CLICKS] = _clicks() + 1
    filters.choose(name, members, data.options())


def _clicked_influencer(picked: Sequence[Sequence[str]]) -> None:
    _choose_influencer(picked[0][0])


def _ticked_influencer(key: str, influencers: Sequence[str]) -> None:
    rows = st.session_state[key].selection.rows
    if rows and rows[0] < len(influencers):
        _choose_influencer(influencers[rows[0]])


def _choose_influencer(influencer: str) -> None:
    """Filter by an influencer, or open their page where the filter is already that."""
    if filters.chosen().selection.members("influencer") == (influencer,):
        st.session_state[CLICKS] = _clicks() + 1
        st.session_state[OPENED] = influencer
    else:
        _set("influencer", [influencer])


def _clicked_persona(picked: Sequence[Sequence[str]]) -> None:
    persona = picked[0][0]
    view = filters.chosen()
    own = view.selection.own_persona
    chosen = [*view.selection.members("persona"), *([own.member] if own else [])]
    _set("persona", [] if chosen == [persona] else [persona])


def _clicked_cell(picked: Sequence[Sequence[str]]) -> None:
    persona, platform = picked[0][:2]
    selection = filters.chosen().selection
    chosen = selection.members("persona"), selection.members("platform")
    is_chosen = chosen == ((persona,), (platform,))
    if is_chosen and not selection.own_persona:
        persona = platform = ""
    _set("persona", [persona] if persona else [])
    _set("platform", [platform] if platform else [])


# --- Controls that are not always shown --------------------------------------------------------


def _keep(*keys: str) -> None:
    """Note what controls hold, which Streamlit forgets when their tab is closed."""
    for key in keys:
        st.session_state[f"kept_{key}"] = st.session_state[key]


def _restore(*keys: str) -> None:
    """Before controls are shown again, set them to what they held; a link goes before that."""
    for key in keys:
        is_new = key not in st.session_state and key not in st.query_params
        if is_new and f"kept_{key}" in st.session_state:
            st.session_state[key] = st.session_state[f"kept_{key}"]


show(filters.chosen())
