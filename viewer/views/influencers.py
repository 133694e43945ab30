"""Influencers & personas: rankings by incremental ROAS, costs, and comparison of personas."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from viewer import data, filters, measures, reasons
from viewer.charts import influencers as charts
from viewer.charts.influencers import Field
from viewer.format import count, is_missing, names, plain, ratio
from viewer.measures import Measure
from viewer.pages import path
from viewer.selection import View
from viewer.views import explanation, parts

# What the ranking can be sorted by, highest first, and how a sentence calls it; links from other
# pages use the names.
SORTS = {
    "Probability": (measures.PROBABILITY, "the probability of break-even"),
    "Incremental ROAS": (measures.INCREMENTAL_ROAS, "incremental ROAS"),
    "Lower bound": (measures.IROAS_LOW, "the lower bound of incremental ROAS"),
    "Spend": (measures.SPEND, "spend"),
    "Attributed revenue": (measures.ATTRIBUTED_REVENUE, "attributed revenue"),
    "Incremental revenue": (measures.INCREMENTAL_REVENUE, "incremental revenue"),
    "Incremental profit": (measures.INCREMENTAL_PROFIT, "incremental profit"),
    "ROAS": (measures.ROAS, "ROAS"),
}
# The surely profitable first, the surely unprofitable last, whatever their spend.
DEFAULT_SORT = "Probability"
# Sorts that apply only to what is measurable.
MEASURED_SORTS = ("Incremental ROAS", "Incremental profit", "Lower bound", "Probability")
# Further digits of a probability make no difference to a decision.
SURE_DIGITS = 6
MOST_PERSONAS = 4
TABLE_HEIGHT = 460
CELLS = {
    "Incremental ROAS": measures.INCREMENTAL_ROAS,
    "ROAS": measures.ROAS,
    "Spend": measures.SPEND,
    "Orders": measures.ORDERS,
}
PERSONA = Measure("persona", "dim_influencers")
# Rows of the comparison of personas, after who they are.
COMPARED = (
    measures.INFLUENCERS,
    measures.SPEND,
    measures.ORDERS,
    measures.ATTRIBUTED_REVENUE,
    measures.ROAS,
    measures.INCREMENTAL_REVENUE,
    measures.INCREMENTAL_PROFIT,
    measures.INCREMENTAL_ROAS,
    measures.IROAS_LOW,
    measures.IROAS_HIGH,
    measures.PROBABILITY,
    measures.VERDICT,
    Measure("own_experiment_share", measures.REPORT),
    measures.COST_PER_ORDER,
    measures.AVERAGE_ORDER,
    measures.COST_PER_THOUSAND,
    measures.COST_PER_ENGAGEMENT,
    measures.ENGAGEMENT_RATE,
    measures.NEW_CUSTOMER_SHARE,
    measures.COST_PER_NEW_CUSTOMER,
)
# Neither a bound nor what is not measurable can be best, nor what only grows with the group.
NOT_MARKED = (
    "own_experiment_share",
    "iroas_high",
    "influencers",
    "spend",
    "orders",
    "attributed_revenue",
    "incremental_revenue",
)
MEASURED_ONLY = ("iroas", "iroas_low", "prob_profitable")
# Personas with no more influencers say more of these than of others like them.
FEW_INFLUENCERS = 2
BEST = "✓"
EVERYONE_ELSE = "Everyone else"
# Keys in the state of the session.
OPENED, CLICKS = "influencer_to_open", "clicks_on_influencers"


def show(view: View) -> None:
    """Lay out the page."""
    opened = st.session_state.pop(OPENED, None)
    if opened is not None:
        st.switch_page(path("influencer"), query_params={"id": opened})
    # What the browser's back button leaves in the URL.
    st.query_params.pop("id", None)
    selection = view.selection
    parts.header("Influencers & personas", selection)
    if parts.shown_empty(selection):
        return
    parts.method_note(view)
    parts.short_note(selection)
    with _kept("show"):
        of_influencers, of_personas = st.tabs(
            ["Influencers", "Personas"], key="show", bind="query-params", on_change="rerun"
        )
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
    rows = data.performance(selection.without("influencer"), "influencer", method=view.method)
    label_of = data.options().labels["influencer"]
    chosen = selection.members("influencer")
    ids = rows["influencer_id"].tolist()
    everyone = rows.assign(
        label=[label_of.get(influencer, influencer) for influencer in ids],
        is_chosen=[not chosen or influencer in chosen for influencer in ids],
    )
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        sort_by, how_many = _show_controls()
        _show_choice(everyone, chosen)
    _show_click_hint(everyone, chosen)
    ranked = _ranked(everyone, sort_by)
    first = ranked.head(how_many).index
    if chosen:  # they are shown wherever they rank
        first = first.union(ranked[ranked["is_chosen"]].index[:how_many], sort=False)
    counted = f"{count(len(first))} of {count(len(ranked))} influencers"
    _show_ranking(
        view, ranked, ranked.loc[first], sort_by, "influencer_id", "Ranking by incremental ROAS",
        counted, f"{counted} by {{order}}. {{bars}}", _clicked_influencer,
    )  # fmt: skip
    _show_scatter(view, everyone)
    _show_table(view, ranked[ranked["is_chosen"]], sort_by)


def _show_controls() -> tuple[str, int]:
    with _kept("sort_by", "how_many"):
        sort_by = st.selectbox(
            "Sort by",
            list(SORTS),
            key="sort_by",
            bind="query-params",
            width=180,
            help="Highest first. The probability of break-even puts those who surely earn first"
            " and those who surely do not last; a high return based on few orders is between.",
        )
        how_many = st.segmented_control(
            "Show", ("10", "20", "50"), default="20", required=True, key="how_many",
            bind="query-params",
        )  # fmt: skip
    return sort_by, int(how_many)


def _show_choice(everyone: pd.DataFrame, chosen: Sequence[str]) -> None:
    """What a click on a chart does, for users of a keyboard or screen reader."""
    ordered = everyone.sort_values("label")
    label_of = dict(zip(ordered["influencer_id"], ordered["label"], strict=True))
    only = chosen[0] if len(chosen) == 1 else None
    picked = st.selectbox(
        "Find an influencer",
        list(label_of),
        index=list(label_of).index(only) if only in label_of else None,
        format_func=lambda influencer: label_of.get(influencer, influencer),
        key=f"influencer_to_choose_{_clicks()}",
        placeholder="Type a name",
        width=220,
    )
    if picked is not None and picked != only:
        st.button("Filter", on_click=_set, args=["influencer", (picked,)], key="filter_by")
    elif chosen:
        st.button("Show all influencers", on_click=_set, args=["influencer", ()], key="everyone")
    if picked is not None:
        st.page_link(
            path("influencer"),
            label="Open",
            icon=":material/arrow_forward:",
            icon_position="right",
            query_params={"id": picked},
        )


def _show_click_hint(everyone: pd.DataFrame, chosen: Sequence[str]) -> None:
    if not chosen:
        st.caption("Click an influencer to filter all pages; click again to open their page.")
        return
    shown = [plain(label) for label in everyone[everyone["is_chosen"]]["label"]]
    is_one = len(shown) == 1
    st.caption(
        f"{names(shown)} {'is' if is_one else 'are'} selected; the charts fade the others."
        + (" Click again to open their page." if is_one else "")
    )


def _ranked(rows: pd.DataFrame, sort_by: str) -> pd.DataFrame:
    """Rows in the chosen order by rank, those without one last."""
    value = rows[SORTS[sort_by][0].column].astype(float)
    if sort_by in MEASURED_SORTS:
        if _has_intervals(rows):
            # Probabilities that read the same are ranked by their lower bound.
            value = value.round(SURE_DIGITS).where(rows["verdict"] != "not measurable")
        else:
            value = rows["iroas"].astype(float)
    return rows.assign(rank=value).sort_values(
        ["rank", "iroas_low", "spend", "label"],
        ascending=[False, False, False, True],
        na_position="last",
    )


def _has_intervals(rows: pd.DataFrame) -> bool:
    return bool(rows["iroas_low"].notna().any())


def _show_ranking(
    view: View,
    ranked: pd.DataFrame,
    shown: pd.DataFrame,
    sort_by: str,
    field: Field,
    title: str,
    counted: str,
    caption: str,
    on_pick: Callable[[Any], None],
) -> None:
    """A chart of some of the ranked rows, and who has no rank; {} stands for order and bars."""
    measure = measures.by_method(measures.INCREMENTAL_ROAS, view.method)
    break_even = data.break_even(view.selection).value
    is_by_point = sort_by in MEASURED_SORTS and not _has_intervals(ranked)
    order = SORTS["Incremental ROAS" if is_by_point else sort_by][1]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.subheader(title, width="content")
        explanation.button(measure)
    st.caption(caption.format(order=order, bars=_bars_in_words(shown, break_even)))
    chart = charts.interval_ranking(shown, field, measure, break_even, f"{counted} by {order}")
    key = "ranking" if field == "influencer_id" else "personas"
    parts.show_chart(chart, title, key, on_pick)
    unranked = ranked[ranked["rank"].isna()]
    if unranked.empty:
        return
    by_reason = sorted(unranked.groupby("reason_code"), key=lambda pair: -len(pair[1]))
    why = " ".join(
        f"{count(len(rows))}: {reasons.of_verdict(rows.iloc[0].to_dict())}" for _, rows in by_reason
    )
    st.caption(
        f":material/info: {count(len(unranked))} of {count(len(ranked))} cannot be ranked by"
        f" {SORTS[sort_by][1]} and are listed last. {plain(why)}"
    )


def _bars_in_words(shown: pd.DataFrame, break_even: float) -> str:
    if not shown["iroas"].notna().any():
        return "None of them is measurable here."
    line = "the break-even is out of reach."
    if break_even <= data.OUT_OF_REACH:
        line = f"the dashed line is the break-even of {ratio(break_even)}."
    if not _has_intervals(shown):
        return f"This method has no confidence interval, so points have no bars; {line}"
    clipped = charts.wider_than_axis(shown, break_even)
    extend = "extends" if clipped == 1 else "extend"
    arrows = f" {count(clipped)} {extend} beyond the axis (arrows)." if clipped else ""
    return f"Bars are {parts.level_in_words()} confidence intervals; {line}{arrows}"


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
    break_even = data.break_even(view.selection).value
    line = (
        "Points above the dashed break-even line earned back their spend."
        if break_even <= data.OUT_OF_REACH
        else "No point earned back its spend, as goods cost more than they bring."
    )
    st.caption(f"{line} Circle size is the number of orders; both axes are logarithmic.{note}")
    chart = charts.spend_and_incremental(drawn, break_even, measure)
    parts.show_chart(chart, "Spend vs incremental revenue", "scatter", _clicked_influencer)


def _show_table(view: View, rows: pd.DataFrame, sort_by: str) -> None:
    st.subheader(f"All {count(len(rows))} influencers" if len(rows) > 1 else "Influencer")
    st.caption("Select a row to filter, as with a click on a chart.")
    basis = data.break_even(view.selection).basis
    columns = {
        "label": measures.made_here("label", "Influencer"),
        **{
            name: measures.shown(measure, view.method, basis)
            for name, measure in measures.of_ranking().items()
        },
        **measures.of_mart("dim_influencers", "platform"),
        "persona": PERSONA,
    }
    key = f"table_{_clicks()}"
    parts.table(
        rows,
        columns,
        alt=f"Table of {count(len(rows))} influencers by {SORTS[sort_by][1]}",
        pinned=("label",),
        file="influencers",
        key=key,
        height=TABLE_HEIGHT if len(rows) > 11 else "content",
        selection_mode="single-row",
        on_select=partial(_ticked_influencer, key, rows["influencer_id"].tolist()),
    )


# --- Personas ----------------------------------------------------------------------------------


def _show_personas(view: View) -> None:
    rows = _personas(view)
    ranked = _ranked(rows, DEFAULT_SORT)
    caption = (
        "By {order}. {bars} Click a persona to filter all pages; click again to clear the filter."
    )
    _show_ranking(
        view, ranked, ranked, DEFAULT_SORT, "persona", "Personas by incremental ROAS",
        f"{count(len(ranked))} personas", caption, _clicked_persona,
    )  # fmt: skip
    if few := _small_personas(rows):
        st.caption(f":material/info: Few influencers say little about a persona: {plain(few)}.")
    if not rows["is_chosen"].all():
        selected = [plain(persona) for persona in rows[rows["is_chosen"]]["persona"]]
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.button("Show all personas", on_click=_set, args=["persona", ()], key="every_persona")
            st.caption(f"Selected: {names(selected) or 'none'}. The others are faded.")
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


def _small_personas(rows: pd.DataFrame) -> str:
    """Personas of few influencers, each with how many it has."""
    few = rows[rows["influencers"] <= FEW_INFLUENCERS]
    counted = zip(few["persona"], few["influencers"], strict=True)
    return ", ".join(f"{persona} ({count(influencers)})" for persona, influencers in counted)


def _show_comparison(view: View, rows: pd.DataFrame) -> None:
    st.subheader("Side by side")
    own = view.own_persona.member if view.own_persona else None
    with _kept("compare_personas"):
        asked = st.multiselect(
            "Personas to compare",
            [*([own] if own else []), *data.options().labels["persona"]],
            key="compare_personas",
            bind="query-params",
            max_selections=MOST_PERSONAS,
            placeholder="The four with the most spend",
            help="Two to four. Define one of your own under My persona in the sidebar.",
        )
    shown = _compared(rows, asked, own)
    missing = [persona for persona in asked if persona not in set(rows["persona"])]
    if missing:
        st.caption(f":material/info: No influencer of {plain(names(missing))} was active here.")
    if shown.empty:
        return
    shown = pd.concat([shown, _everyone_else(view, shown)], ignore_index=True)
    st.table(_side_by_side(shown, view.method))
    st.caption(
        f"{BEST} marks the best value of a row. Where confidence intervals overlap, the difference"
        " may be due to chance."
    )
    basis = data.break_even(view.selection).basis
    columns = {"persona": PERSONA} | {
        measure.column: measures.shown(measure, view.method, basis) for measure in COMPARED
    }
    parts.offer_files(
        lambda: shown, len(shown), columns, "Personas compared, a row each", "personas_compared"
    )
    with st.expander("All personas as a table", icon=":material/table_rows:"):
        parts.table(
            rows.sort_values(["spend", "persona"], ascending=[False, True]),
            columns,
            alt=f"Table of {count(len(rows))} personas, most spend first",
            pinned=("persona",),
            file="personas",
        )


def _compared(rows: pd.DataFrame, asked: Sequence[str], own: str | None) -> pd.DataFrame:
    """The personas that were asked for; else the chosen ones and those with most spend.

    One of the user's own was made to be compared, and so comes first.
    """
    if asked:
        found = rows[rows["persona"].isin(asked)]
        return found.sort_values("persona", key=lambda column: column.map(asked.index))
    is_picked = rows["is_chosen"] & (not rows["is_chosen"].all())
    ordered = rows.assign(_own=rows["persona"] == own, _picked=is_picked).sort_values(
        ["_own", "_picked", "spend", "persona"], ascending=[False, False, False, True]
    )
    return ordered.head(MOST_PERSONAS)


def _everyone_else(view: View, shown: pd.DataFrame) -> pd.DataFrame:
    """Those in none of the personas that are compared, if there is anybody."""
    own, personas = view.own_persona, shown["persona"].tolist()
    compared = view.selection.without("persona").having(
        persona=[persona for persona in personas if not own or persona != own.member]
    )
    if own and own.member in personas:
        compared = replace(compared, own_persona=own)
    found = data.totals(view.selection.without("persona"), view.method, without=compared)
    if not found["influencer_days"]:
        return shown.head(0)
    return pd.DataFrame([found | {"persona": EVERYONE_ELSE, "is_chosen": True}])


def _side_by_side(rows: pd.DataFrame, method: str) -> pd.DataFrame:
    """Measures by persona, as text: one column a persona, the best of each row marked."""
    verdicts = rows["verdict"].tolist()
    table = {}
    for measure in COMPARED:
        is_verdict = measure is measures.VERDICT
        values = rows[measure.column].tolist()
        best = None if is_verdict else _best(measure, values, verdicts)
        written = [
            plain(value.capitalize() if is_verdict else measure.write(value)) for value in values
        ]
        shown = measures.shown(measure, method, rows["break_even_basis"].iloc[0])
        table[shown.label] = [
            f"**{text} {BEST}**" if best is not None and value == best else text
            for value, text in zip(values, written, strict=True)
        ]
    personas = [plain(persona) for persona in rows["persona"]]
    return pd.DataFrame.from_dict(table, orient="index", columns=personas)


def _best(measure: Measure, values: Sequence[Any], verdicts: Sequence[str]) -> float | None:
    """The best value of a row, if there is something to compare it with."""
    if measure.better == "neither" or measure.column in NOT_MARKED:
        return None
    known = {
        float(value)
        for value, verdict in zip(values, verdicts, strict=True)
        if not is_missing(value)
        and not (measure.column in MEASURED_ONLY and verdict == "not measurable")
    }
    if len(known) < 2:
        return None
    return max(known) if measure.better == "higher" else min(known)


def _show_heat_map(view: View) -> None:
    st.subheader("Personas by platform")
    with _kept("cells"):
        shown = st.segmented_control(
            "Cells show", list(CELLS), default="Incremental ROAS", required=True, key="cells",
            bind="query-params",
        )  # fmt: skip
    measure = CELLS[shown]
    cells = _cells(view)
    cells = cells[(cells["spend"] != 0) & cells[measure.column].notna()]
    if cells.empty:
        st.caption("No spend here, so there is nothing to show.")
        return
    is_iroas = measure is measures.INCREMENTAL_ROAS
    break_even = data.break_even(view.selection).value
    colours = "Darker is more."
    if is_iroas:
        colours = "The break-even is out of reach."
        if break_even <= data.OUT_OF_REACH:
            colours = f"Blue is above the break-even of {ratio(break_even)}, orange below."
        if _has_intervals(cells):
            colours += " ▲ profitable, ▼ unprofitable; pale cells are inconclusive."
    st.caption(
        f"{colours} Most spend on top; cells without spend are empty, those of one or two"
        " influencers say so in brackets. Click a cell to filter by persona and platform;"
        " click again to clear the filter."
    )
    by_spend = cells.groupby("persona")["spend"].sum().astype(float)
    personas = by_spend.sort_values(ascending=False, kind="stable").index.tolist()
    platforms = sorted(set(cells["platform"]))
    measure = measures.by_method(measure, view.method) if is_iroas else measure
    chart = charts.heat_map(cells, personas, platforms, measure, break_even, FEW_INFLUENCERS)
    parts.show_chart(chart, f"{measure.label} of personas by platform", "heat_map", _clicked_cell)


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
    cell = {"persona": (picked[0][0],), "platform": (picked[0][1],)}
    selection = filters.chosen().selection
    is_chosen = cell == {name: selection.members(name) for name in cell}
    for name, members in cell.items():
        _set(name, () if is_chosen and not selection.own_persona else members)


@contextmanager
def _kept(*keys: str) -> Iterator[None]:
    """Keep what controls hold, which Streamlit forgets while they are not shown; links go first."""
    for key in keys:
        is_new = key not in st.session_state and key not in st.query_params
        if is_new and f"kept_{key}" in st.session_state:
            st.session_state[key] = st.session_state[f"kept_{key}"]
    yield
    for key in keys:
        st.session_state[f"kept_{key}"] = st.session_state[key]


show(filters.chosen())
