"""Campaigns & experiments: the incremental effect of campaigns, and how it was measured."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from viewer import columns, data, diagnostics, filters, measures, reasons
from viewer.charts import experiments as charts
from viewer.charts.experiments import Forest
from viewer.diagnostics import ATTRIBUTION
from viewer.format import count, day, is_missing, money, names, percent, period, plain, ratio
from viewer.measures import Measure
from viewer.selection import DEFAULT_METHOD, View
from viewer.views import measured, parts

MART = "fct_incremental_roas"
# The chosen experiment in the URL, and its selectbox. The selectbox is not bound: it would write
# the name, and links from other pages know the id.
URL_NAME, CHOICE = "experiment", "experiment_choice"
# The chosen campaign, as long as it has no experiment to show.
CAMPAIGN = "campaign_without_experiment"
# Whether an experiment was just chosen by a click, in the state of the session.
OPENED = "experiment_opened"
CAMPAIGNS_TABLE = "campaigns_table"
# Methods with a daily series, those with an interval for each day first.
DAILY_METHODS = (
    *("joint_panel", "did_ratio_robust", "tbr"),
    *("synthetic_control", "did_ratio", "did", "pre_period"),
)
MOST_REGIONS, MOST_CLIPPED, MOST_UNMEASURED = 12, 4, 6
# By whether the plan was kept; nothing is known of it before its last day.
PLANS = {
    True: ("Plan kept", "green", ":material/task_alt:"),
    False: ("Plan not kept", "orange", ":material/priority_high:"),
    None: ("Plan kept so far", "gray", ":material/hourglass_top:"),
}
MARKS = {
    "pass": ":green-badge[:material/check: Pass]",
    "review": ":orange-badge[:material/priority_high: Review]",
    "info": ":gray-badge[:material/info: Info]",
}


def show(view: View) -> None:
    """Lay out the page."""
    parts.header("Campaigns & experiments", view.selection)
    if URL_NAME in st.query_params:
        st.session_state.pop(CAMPAIGN, None)  # a link to an experiment wins
    chosen = None
    if data.experiment_names():
        found = reasons.explained(
            data.experiments(view.selection, view.regions, view.method),
            data.options().labels["campaign"],
        )
        chosen = _chosen(found)
        tabs = st.tabs(
            ("Experiments", "Campaigns"), key="show", bind="query-params", on_change="rerun"
        )
        if tabs[0].open:
            with tabs[0]:
                _show_experiments(view, found, chosen)
        if tabs[1].open:
            with tabs[1]:
                _show_campaigns(view, chosen)
    else:
        st.info(
            "The exports contain no experiment, so incremental revenue cannot be measured. To turn"
            " a campaign into an experiment, keep some regions free of it and list in"
            " campaign\\_regions where it runs (treatment) and where it does not (control). To add"
            " a geo test, export geo\\_experiments, geo\\_assignments and geo\\_panel. Then run"
            " `make build`; docs/method.md explains both, and what each method needs.",
            icon=":material/science:",
        )
        _show_campaigns(view, None)
    if CAMPAIGN in st.session_state:
        _show_without_experiment(st.session_state[CAMPAIGN])
    elif chosen is not None:
        _show_experiment(view, found["experiment_id"].tolist(), chosen)


# --- The choice --------------------------------------------------------------------------------


def choose(experiment_id: str) -> None:
    """Show an experiment, in a callback."""
    st.query_params[URL_NAME] = experiment_id
    st.session_state.pop(CAMPAIGN, None)


def _open(experiment_id: str) -> None:
    """Show an experiment and bring it into sight, in a callback: it stands below the others."""
    choose(experiment_id)
    st.session_state[OPENED] = True


def _chosen(found: pd.DataFrame) -> str | None:
    """The experiment of the URL, else the latest that could be measured, else the latest."""
    asked = st.query_params.get(URL_NAME)
    if asked in data.experiment_names():
        return asked
    if asked:
        st.warning(
            f"The published data have no experiment {plain(asked, longest=40)}: the link is for"
            " other data, or the experiment is no longer in the exports.",
            icon=":material/link_off:",
        )
    measured = found[found["verdict"] != "not measurable"]
    return next(iter([*measured["experiment_id"], *found["experiment_id"]]), None)


def _choose_in_table(campaigns: Sequence[str], experiments: Sequence[str | None]) -> None:
    for row in st.session_state[CAMPAIGNS_TABLE].selection.rows:
        experiment = experiments[row]
        if experiment is not None:
            _open(experiment)
        else:
            st.session_state[CAMPAIGN] = campaigns[row]
            st.query_params.pop(URL_NAME, None)


# --- Experiments -------------------------------------------------------------------------------


def _show_experiments(view: View, found: pd.DataFrame, chosen: str | None) -> None:
    ignored = [filters.label(name).lower() for name in view.selection.narrowed_by("influencer")]
    if ignored:
        st.caption(
            ":material/info: Experiments measure whole campaigns, so these filters do not apply:"
            f" {names(ignored, 5)}."
        )
    if found.empty:
        widen = data.experiment_filters_to_widen(view.selection, view.regions)
        clear = " or ".join(map(filters.label, widen)) or "several filters, or all of them,"
        st.info(
            f"No experiment matches this selection. Clear {clear} to see experiments.",
            icon=":material/filter_alt_off:",
        )
        filters.show_clear_buttons(widen)
        return
    _show_counts(view, found)
    if view.method in ATTRIBUTION:
        st.caption(
            f":material/warning: {plain(filters.method_name(view.method))} has no confidence"
            " interval and therefore no verdict. Choose another method for one."
        )
    names_of_all = data.experiment_names()
    forest = charts.experiments(found, names_of_all, chosen)
    parts.show_chart(
        forest.chart,
        "iROAS of experiments",
        "experiments_forest",
        lambda picked: _open(picked[0][0]),
    )
    has_truth = bool(found["true_iroas"].notna().any())
    interval = (
        ""
        if found["iroas_low"].isna().all()
        else f" with its {parts.level_in_words()} confidence interval"
    )
    st.caption(
        f"iROAS{interval}, latest test first. The grey line is the break-even"
        f"{', the diamond the true value in the simulated world' if has_truth else ''}."
        f" Click a row to see the experiment below.{_clipped_in_words(forest)}"
    )
    _show_unmeasured(found)
    with st.expander("Show as a table", icon=":material/table_rows:", on_change="rerun") as it:
        if it.open:
            parts.table(
                found.assign(
                    experiment_name=found["experiment_id"].map(names_of_all),
                    method=found["method"].map(filters.method_name),
                    verdict=found["verdict"].str.capitalize(),
                ),
                _but_truths(EXPERIMENTS, has_truth),
                alt=f"Experiments: {count(len(found))} rows with iROAS, interval, verdict and"
                " reason",
                pinned=("experiment_name",),
                file="experiments",
            )


def _but_truths(columns: Mapping[str, Measure], has_truth: bool) -> dict[str, Measure]:
    """Columns without those that only simulated worlds have."""
    return {name: what for name, what in columns.items() if has_truth or name not in TRUTHS}


def _show_counts(view: View, found: pd.DataFrame) -> None:
    verdicts = found["verdict"].value_counts()
    badges = [
        f":{colour}-badge[{parts.VERDICT_ICONS[verdict]} {count(verdicts[verdict])} {verdict}]"
        for verdict, colour in parts.VERDICT_COLOURS.items()
        if verdict in verdicts
    ]
    words = f"{count(len(found))} {'experiment' if len(found) == 1 else 'experiments'}"
    if view.regions:
        words += f" that treated {names(list(view.regions), MOST_REGIONS)}"
    if view.method != DEFAULT_METHOD:
        words += f", by {filters.method_name(view.method)}"
    st.markdown(f"{plain(words, longest=600)}: {' '.join(badges)}")


def _show_unmeasured(found: pd.DataFrame) -> None:
    """Which experiments have no interval, and why."""
    rows = found[found["verdict"] == "not measurable"]
    if rows.empty or found["method"].isin(ATTRIBUTION).all():
        return
    names_of_all, campaigns = data.experiment_names(), data.options().labels["campaign"]
    first = rows.head(MOST_UNMEASURED)
    lines = [
        f"- {plain(names_of_all[key])}: {plain(reasons.of_verdict(row, campaigns))}"
        for key, row in zip(first["experiment_id"], first.to_dict("records"), strict=True)
    ]
    with st.container(gap="xxsmall"):
        st.caption("Not measurable:")
        st.caption("\n".join(lines))
        if len(rows) > MOST_UNMEASURED:
            st.caption(f"and {count(len(rows) - MOST_UNMEASURED)} more in the table.")


def _clipped_in_words(forest: Forest) -> str:
    if not forest.cut:
        return ""
    rows = "1 row extends" if len(forest.cut) == 1 else f"{count(len(forest.cut))} rows extend"
    listed = plain(names(forest.cut, MOST_CLIPPED), longest=400)
    return f" {rows} beyond the axis (arrows): {listed}."


# --- Campaigns ---------------------------------------------------------------------------------


def _show_campaigns(view: View, chosen: str | None) -> None:
    rows = data.campaigns(view.selection, view.method)
    if rows.empty:
        if set(data.options().labels["campaign"]) <= {data.NONE_MEMBER}:
            st.info("The exports contain no campaigns.", icon=":material/campaign:")
        else:
            parts.shown_empty(view.selection)
        return
    parts.method_note(view)
    if view.regions:
        st.caption(
            ":material/info: Spend and orders of campaigns have no region: the region filter"
            " applies to experiments only."
        )
    ids = rows["campaign_id"].tolist()
    experiments = [None if pd.isna(key) else key for key in rows["experiment_id"]]
    # The table marks what is shown below, wherever it was chosen.
    shown, among = st.session_state.get(CAMPAIGN), ids
    if shown is None:
        shown, among = chosen, experiments
    marked = [among.index(shown)] if shown is not None and shown in among else []
    st.session_state[CAMPAIGNS_TABLE] = {"selection": {"rows": marked, "columns": [], "cells": []}}
    parts.table(
        rows.assign(
            campaign_name=rows["campaign_name"].fillna(rows["campaign_id"]),
            verdict=rows["verdict"].str.capitalize(),
            experiment_verdict=rows["experiment_verdict"].str.capitalize().fillna("None"),
            factor_of=rows["factor_of"].str.capitalize(),
            basis=rows["basis"].str.capitalize(),
        ),
        CAMPAIGNS | {"iroas": measures.by_method(measures.INCREMENTAL_ROAS, view.method)},
        alt=f"Campaigns: {count(len(rows))} rows with spend, revenue, iROAS, verdict and factor",
        pinned=("campaign_name",),
        file="campaigns",
        height=min(38 * (len(rows) + 1), 460),
        key=CAMPAIGNS_TABLE,
        on_select=partial(_choose_in_table, ids, experiments),
        selection_mode="single-row",
    )
    media_value = (
        " Where no order was attributed, media value stands in for attributed revenue: what posts"
        " of this reach usually cost."
        if (rows["factor_of"] == "media value").any()
        else ""
    )
    st.caption(
        "iROAS is attributed revenue × factor ÷ spend. The factor is the incremental revenue per"
        " unit of attributed revenue, from the campaign's own experiment or pooled from others."
        f"{media_value}"
        " Measured figures are those of the experiment alone. Select a row to see its experiment"
        " below."
    )
    measured.show_disagreeing(rows)


def _show_without_experiment(campaign_id: str) -> None:
    """Say that the campaign has no experiment, and what one needs."""
    if campaign_id == data.NONE_MEMBER:
        st.info(
            "Orders and spend without a campaign cannot be an experiment, because their regions and"
            " dates are unknown. Their factor is an assumption: 0.6 of that of campaigns.",
            icon=":material/science:",
        )
        return
    name = data.options().labels["campaign"].get(campaign_id, campaign_id)
    treated, control = data.regions_of_campaign(campaign_id)
    if treated is None:
        missing = (
            "Keep some regions free of the next similar campaign, and list in campaign\\_regions"
            " where it runs (treatment) and where it does not (control)."
        )
    elif not control:
        missing = (
            f"It runs in {count(treated)} regions and has no control regions. Keep some regions"
            " free of the next campaign and list them as control in campaign\\_regions."
        )
    else:
        missing = "In campaign\\_regions it needs both treatment and control regions."
    st.info(
        f"**{plain(name)} has no experiment.** {missing} Without one, its factor is pooled from the"
        " experiments of other campaigns, if there are at least three; otherwise brands are each"
        " other's control.",
        icon=":material/science:",
    )


# --- One experiment ----------------------------------------------------------------------------


def _show_experiment(view: View, found: list[str], chosen: str) -> None:
    name = data.experiment_names()[chosen]
    rows = reasons.explained(
        data.experiment_methods(chosen, view.selection.judged_by), data.options().labels["campaign"]
    )
    default = _figures(rows[rows["is_default"]])
    of_method = rows[rows["method"] == view.method]
    figures = default if of_method.empty else _figures(of_method)
    regions = data.experiment_regions(chosen)
    with st.container(key="experiment"):
        _show_choice(found, chosen)
        st.header(plain(name), divider="gray")
        _show_facts(figures, regions)
        if figures["campaign_id"] != data.NONE_MEMBER:  # a geo test has none
            st.button(
                "Filter by this campaign",
                icon=":material/filter_alt:",
                type="tertiary",
                on_click=filters.choose,
                args=["campaign", [figures["campaign_id"]], data.options()],
                help="Sets the campaign filter on all pages; Influencers & personas then shows who"
                " took part.",
            )
        _show_verdict(figures, default)
        if plan := data.plan_of_experiment(chosen):
            _show_plan(plan)
        if figures["incremental_revenue"] is not None:
            _show_tiles(figures)
        _show_over_time(figures, default, name)
        _show_methods(rows, figures, name)
        _show_diagnostics(figures, regions)
        _show_against_truth()
    if st.session_state.pop(OPENED, False):
        # A new element each time, as one that is there already does not run again.
        st.html(
            f"<script>/* {chosen} */ document.querySelector('.st-key-experiment')"
            ".scrollIntoView({behavior: 'smooth'})</script>",
            unsafe_allow_javascript=True,
        )


def _figures(row: pd.DataFrame) -> dict[str, Any]:
    """The only row as plain values, None for null."""
    [figures] = row.to_dict("records")
    return {str(name): None if pd.isna(value) else value for name, value in figures.items()}


def _show_choice(found: list[str], chosen: str) -> None:
    is_outside = chosen not in found
    st.session_state[CHOICE] = chosen
    st.selectbox(
        "Experiment",
        [chosen, *found] if is_outside else found,
        format_func=data.experiment_names().__getitem__,
        key=CHOICE,
        on_change=lambda: choose(st.session_state[CHOICE]),
        width=560,
    )
    if is_outside:
        st.caption(":material/info: The filters exclude this experiment.")


def _show_facts(figures: Mapping[str, Any], regions: pd.DataFrame) -> None:
    spans = {
        "Pretest": (figures["pretest_start"], figures["pretest_end"]),
        "test": (figures["test_start"], figures["test_end"]),
    }
    if figures["cooldown_end"] > figures["test_end"]:
        after = figures["test_end"] + pd.Timedelta(days=1)
        spans["cooldown"] = after, figures["cooldown_end"]
    brand = [] if figures["brand"] == data.NONE_MEMBER else [figures["brand"]]
    dates = [f"{name} {period(a.date(), b.date())}" for name, (a, b) in spans.items()]
    st.caption(plain(" · ".join([figures["source"].capitalize(), *brand, *dates])))
    lines = []
    for assignment, label in (("treatment", "Treated"), ("control", "Control")):
        own = regions[regions["assignment"] == assignment]
        listed = names(own["region"].tolist(), MOST_REGIONS) if len(own) else "none"
        lines.append(f"**{label} regions** ({count(len(own))}): {plain(listed, longest=1000)}")
    st.markdown("  \n".join(lines))


def _show_verdict(figures: Mapping[str, Any], default: Mapping[str, Any]) -> None:
    with st.container(border=True, gap="xsmall"):
        campaigns = data.options().labels["campaign"]
        parts.verdict_badge(figures, reasons.of_verdict(figures, campaigns))
        st.markdown(diagnostics.verdict(figures, campaigns))
        if truth := diagnostics.truth(figures):
            st.markdown(f":material/science: {plain(truth, longest=600)}")
        method = diagnostics.method(figures, default, filters.METHOD_NAMES)
        st.caption(plain(method, longest=600))
        if not figures["is_default"]:
            st.button(
                "Show the default method",
                on_click=lambda: st.session_state.update(method=DEFAULT_METHOD),
                type="tertiary",
            )


def _show_plan(plan: Mapping[str, Any]) -> None:
    """Whether the plan was kept, and what was promised beside what came of it."""
    kept, colour, icon = PLANS[plan["plan_kept"]]
    with st.container(border=True, gap="xsmall"):
        st.badge(kept, color=colour, icon=icon)  # type: ignore[arg-type]
        if plan["plan_broken_reason"]:
            st.markdown(plain(plan["plan_broken_reason"], longest=2_000))
        elif plan["plan_kept"] is None:
            st.markdown(f"No verdict counts before {plain(day(plan['stop_date']))}.")
        st.caption(f"Planned from orders until {plain(day(plan['data_until']))}. Its hash:")
        st.code(plan["plan_hash"], language=None)
        found = "–" if plan["verdict_as_planned"] is None else plan["verdict_as_planned"]
        rows = (
            ("Verdict, by method and break-even as planned", _chances(plan), found.capitalize()),
            (
                "Incremental revenue",
                f"minimum detectable effect {money(plan['minimum_detectable_revenue'])}",
                money(plan["found_revenue"]),
            ),
            ("Its standard error", money(plan["revenue_se"]), money(plan["found_revenue_se"])),
            ("Cost", money(plan["budget"]), money(plan["spend"])),
        )
        lines = [f"| {what} | {plain(old)} | {plain(new)} |" for what, old, new in rows]
        st.markdown("\n".join(("| Figure | Promised | Found |", "|---|---|---|", *lines)))


def _chances(plan: Mapping[str, Any]) -> str:
    """The probabilities of verdicts that were promised, in words."""
    if plan["prob_inconclusive"] is None:
        return "–"
    of_100 = [
        f"{verdict} in {count(round(100 * plan[column]))}"
        for verdict, column in (
            ("profitable", "prob_found_profitable"),
            ("unprofitable", "prob_found_unprofitable"),
            ("inconclusive", "prob_inconclusive"),
        )
    ]
    return f"{', '.join(of_100)} of 100 cases"


def _show_tiles(figures: Mapping[str, Any]) -> None:
    def between(low: str, high: str, write: Callable[[Any], str]) -> list[str]:
        interval = parts.interval(figures, low, high, write)
        return [f"{_level(figures)}: {interval}"] if interval else []

    def about(what: str, column: str, write: Callable[[Any], str]) -> list[str]:
        return [] if figures[column] is None else [f"{what}: {write(figures[column])}"]

    detectable, baseline = figures["minimum_detectable_revenue"], figures["baseline_revenue"]
    is_share = baseline and detectable is not None
    tiles = {
        Measure("incremental_revenue", MART): between("ci_low", "ci_high", money),
        Measure("iroas", MART): [
            *between("iroas_low", "iroas_high", ratio),
            f"break-even {reasons.break_even(figures['break_even'], figures['break_even_basis'])}",
        ],
        measures.LIFT: between("lift_low", "lift_high", percent),
        Measure("spend", MART): about("revenue of treated regions", "actual_revenue", money),
        measures.DETECTABLE_REVENUE: (
            [f"{percent(detectable / baseline)} of the baseline"] if is_share else []
        ),
        Measure("prob_profitable", MART): about(
            "of an effect above zero", "prob_positive", percent
        ),
    }
    attributed = measures.METHOD_LABELS.get(figures["method"])
    with st.grid(3, min_column_width=180):
        for measure, below in tiles.items():
            # Attribution has no lift, no probability and so on.
            if figures[measure.column] is None:
                continue
            # An incremental measure says so where it is only attributed, or legacy.
            if attributed and measure.column in ("incremental_revenue", "iroas"):
                measure = replace(
                    measure, own_label=f"{Measure(measure.column).label} in the test ({attributed})"
                )
            caption = partial(st.caption, plain(" · ".join(below))) if below else None
            parts.tile(measure, figures, below=caption)


def _level(figures: Mapping[str, Any]) -> str:
    return f"{figures['ci_level'] * 100:g} %"


def _show_over_time(
    figures: Mapping[str, Any], default: Mapping[str, Any], experiment: str
) -> None:
    st.subheader("Over time")
    preferred = (figures["method"], default["method"], *DAILY_METHODS)
    days = data.experiment_days(figures["experiment_id"], preferred)
    name = plain(filters.method_name(figures["method"]))
    if days.empty:
        st.caption(":material/info: No method has a daily series for this experiment.")
        return
    used = days["method"].iloc[0]
    if used != figures["method"]:
        what = ", the default method" if used == default["method"] else ""
        st.caption(
            f":material/info: {name} has no daily series; the charts show"
            f" {plain(filters.method_name(used))}{what}."
        )
    first, last = figures["test_start"].date(), figures["test_end"].date()
    course = charts.Course(days, first, last, figures["true_incremental_revenue"])
    panels = (
        ("actual", "Actual vs baseline revenue", charts.actual_and_counterfactual),
        ("daily", f"{charts.step_name(days)} effect", charts.daily_effect),
        ("cumulative", "Cumulative effect", charts.cumulative_effect),
    )
    for key, title, draw in panels:
        st.markdown(f"**{title}**")
        parts.show_chart(draw(course), f"{title}: {experiment}", key)
    if days["baseline_low"].notna().any():
        interval = f"Bands are {_level(figures)} confidence intervals."
    elif days["cumulative_low"].notna().any():
        interval = (
            "This method has a confidence interval for the total only, shown on the last day"
            f" ({_level(figures)})."
        )
    else:
        interval = "This method has no confidence interval here."
    gaps = " Gaps are days excluded because other campaigns ran." if charts.has_gaps(days) else ""
    st.caption(f"Revenue of treated regions. {interval}{gaps}")


# --- Comparison of methods ---------------------------------------------------------------------


def _show_methods(rows: pd.DataFrame, figures: Mapping[str, Any], experiment: str) -> None:
    st.subheader("Comparison of methods")
    names_of_methods = {
        method: f"{filters.method_name(method)}{' · default' if is_default else ''}"
        for method, is_default in zip(rows["method"], rows["is_default"], strict=True)
    }
    forest = charts.methods(rows, names_of_methods, figures["method"])
    parts.show_chart(forest.chart, f"Comparison of methods: {experiment}", "methods_forest")
    has_truth = bool(rows["true_incremental_revenue"].notna().any())
    truth = ", the coloured line the true value in the simulated world" if has_truth else ""
    what = (
        "iROAS with its confidence interval; the grey line is the break-even"
        if charts.has_iroas(rows)
        else "Incremental revenue with its confidence interval; the grey line is zero"
    )
    st.caption(
        f"{what}{truth}. Attributed revenue and the legacy projection are not causal measures; they"
        f" are shown for comparison.{_clipped_in_words(forest)}"
    )
    covers = {True: "Yes", False: "No"}
    parts.table(
        rows.assign(
            method=rows["method"].map(names_of_methods),
            verdict=rows["verdict"].str.capitalize(),
            holds_truth=[covers.get(value, "–") for value in rows["holds_truth"].tolist()],
        ),
        _but_truths(METHODS, has_truth),
        alt=f"{experiment} by {count(len(rows))} methods, with interval, verdict and reason",
        pinned=("method",),
        file="methods",
        applied="One experiment, whole",
    )


# --- Diagnostics -------------------------------------------------------------------------------


def _show_diagnostics(figures: Mapping[str, Any], regions: pd.DataFrame) -> None:
    st.subheader("Diagnostics")
    is_left_out = regions["pretest_revenue"].isna() & (figures["source"] == "campaign")
    left_out = regions.loc[is_left_out & (regions["assignment"] == "control"), "region"].tolist()
    found = diagnostics.diagnostics(figures, left_out, data.options().labels["campaign"])
    with st.grid(2, min_column_width=320):
        for diagnostic in found:
            meaning = columns.meaning(MART, diagnostic.column)
            st.markdown(
                f"{MARKS[diagnostic.severity]} {plain(diagnostic.text, longest=600)}",
                help=plain(meaning, longest=600) if meaning else None,
            )


def _show_against_truth() -> None:
    """In a simulated world, the error and coverage of each method over all experiments."""
    rows = data.methods_against_truth()
    if rows.empty:
        return
    st.subheader("Accuracy in this simulated world")
    default = rows[rows["method"] == DEFAULT_METHOD]
    if len(default) and default["n_measured"].iloc[0]:
        st.markdown(plain(_default_against_truth(_figures(default)), longest=600))
    st.caption(
        "All experiments of this simulated world, unfiltered. One world is a small sample:"
        " docs/method.md reports about three hundred."
    )
    with st.expander("By method", icon=":material/table_rows:", on_change="rerun") as it:
        if it.open:
            parts.table(
                rows.assign(method=rows["method"].map(filters.method_name)),
                AGAINST_TRUTH,
                alt="Error and coverage of methods over all experiments of this simulated world",
                pinned=("method",),
                file="methods_against_truth",
                applied="None: all experiments",
            )


def _default_against_truth(figures: Mapping[str, Any]) -> str:
    covered = round(figures["coverage"] * figures["n_measured"])
    text = (
        f"With default methods, {count(covered)} of {count(figures['n_measured'])} intervals cover"
        f" the truth (nominal: {parts.level_in_words()}); the root mean squared error is"
        f" {money(figures['rmse'])}"
    )
    if not is_missing(figures["bias_share"]):
        text += f", the relative bias {percent(figures['bias_share'])}"
    return f"{text}."


# --- Columns -----------------------------------------------------------------------------------


CAMPAIGNS = {
    **measures.of_mart("dim_campaigns", "campaign_name"),
    "verdict": measures.VERDICT,
    **measured.COLUMNS,
    **measures.of_mart("fct_influencer_days", "spend", "orders", "attributed_revenue"),
    **measures.of_mart(
        measures.REPORT, "roas", "incremental_revenue", "iroas", "iroas_low", "iroas_high"
    ),
    **measures.of_mart(
        "fct_incrementality_factors", "experiment_factor", "factor", "factor_of", "basis"
    ),
    **measures.of_mart("dim_campaigns", "brand", "start_date", "end_date", "cooldown_days"),
}
# Columns that only simulated worlds have.
TRUTHS = ("true_iroas", "error", "holds_truth")
EXPERIMENTS = {
    **measures.of_mart("dim_experiments", "experiment_name"),
    **measures.of_mart(
        MART,
        *("verdict", "iroas", "iroas_low", "iroas_high", "incremental_revenue", "prob_profitable"),
    ),
    **measures.of_mart("fct_experiment_truth", "true_iroas"),
    **measures.of_mart("dim_experiments", "test_start", "test_end", "brand"),
    **measures.of_mart(MART, "method", "verdict_reason"),
}
METHODS = {
    **measures.of_mart(
        MART,
        *("method", "verdict", "incremental_revenue", "ci_low", "ci_high"),
        *("iroas", "iroas_low", "iroas_high", "prob_profitable"),
    ),
    "error": measures.made_here("error", "Error", "currency"),
    "holds_truth": measures.made_here("holds_truth", "Covers the truth"),
    **measures.of_mart(MART, "verdict_reason"),
}
AGAINST_TRUTH = measures.of_mart(
    "rpt_method_calibration",
    *("method", "n_measured", "coverage", "bias_share", "rmse", "median_width"),
    "not_measurable_share",
)


show(filters.chosen())
