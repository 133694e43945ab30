"""Plan a test: which regions, how long, and what it would show before it costs anything."""

import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from typing import Any, cast

import pandas as pd
import streamlit as st

from viewer import data, exports, filters, measures, reasons
from viewer.charts.plan import power_curve
from viewer.data import Plan
from viewer.dimensions import DIMENSIONS
from viewer.format import cases, count, day, money, names, percent, plain, ratio, style
from viewer.measures import Measure
from viewer.selection import View
from viewer.views import parts

LENGTHS = range(4, 17)
USUAL_WEEKS, USUAL_BUDGET, USUAL_COOLDOWN = 8, 500_000, 14
# The curve goes to so many times what would be found profitable in 80 of 100 cases.
CURVE_ENDS = 1.5
MOST_DESIGNS = 12
DESIGNS = "fct_plan_designs"
COLUMNS = {
    "design_id": measures.made_here("design_id", "Regions treated"),
    **measures.of_mart(DESIGNS, "regions", "share_of_revenue"),
    "prob_found_profitable": measures.made_here(
        "prob_found_profitable", "Found profitable", "percent"
    ),
    "prob_found_unprofitable": measures.made_here(
        "prob_found_unprofitable", "Found unprofitable", "percent"
    ),
    "prob_inconclusive": measures.made_here("prob_inconclusive", "Inconclusive", "percent"),
    "profitable_iroas": Measure(
        "profitable_iroas", "", "True iROAS found profitable", "ratio", (DESIGNS, "revenue_se")
    ),
    "minimum_detectable_revenue": Measure(
        *("minimum_detectable_revenue", "", "Minimum detectable effect", "currency"),
        (DESIGNS, "revenue_se"),
    ),
    "spend_per_revenue": measures.made_here("spend_per_revenue", "Spend per revenue", "percent"),
    **measures.of_mart(DESIGNS, "region_list"),
}

NEXT = ("brand", "persona", "platform", "campaign")
VALUES = {
    "iroas": measures.INCREMENTAL_ROAS,
    "iroas_se": measures.made_here("iroas_se", "Its standard error", "ratio"),
    "spend": measures.made_here("spend", "Spend of a year", "currency"),
    "value_of_test": measures.made_here("value_of_test", "Worth of a test", "currency"),
    "test_cost": measures.made_here("test_cost", "Its cost", "currency"),
    "net_value": measures.made_here("net_value", "After its cost", "currency"),
    "value_of_certainty": measures.made_here(
        "value_of_certainty", "Worth of certainty", "currency"
    ),
}


def show(view: View) -> None:
    """Lay out the page."""
    st.title("Plan a test")
    st.caption(
        "What a campaign in some regions would show, foreseen from the history of orders. Of the"
        " filters only *Judge by* applies, and all of them to what to test next."
    )
    brands = data.plan_brands()
    if not brands:
        st.info(
            "No brand has enough orders by region to plan a test: it takes at least three regions,"
            " eight weeks and five orders for each of both. Orders need the column region.",
            icon=":material/science:",
        )
        return
    plan, basis = _show_controls(view, brands)
    treated, untreated = _show_regions(plan.brand)
    designs = data.plan_designs(plan, treated, untreated)
    if treated:
        designs = pd.concat([data.plan_of_regions(plan, treated), designs], ignore_index=True)
    if designs.empty:
        st.info(
            "No choice of regions is left: at least one must be treated, and at least one kept free"
            " of the campaign to compare with. Take regions out of the lists above.",
            icon=":material/info:",
        )
        return
    chosen = _show_choice(designs)
    _show_headline(plan, chosen, basis)
    _show_tiles(plan, chosen)
    _show_curve(plan, chosen)
    _show_going_dark(plan, chosen)
    _show_designs(plan, designs)
    _show_next(view, plan, chosen)
    _show_export(plan, chosen)


def _show_controls(view: View, brands: list[str]) -> tuple[Plan, str]:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        brand = st.selectbox("Brand", brands, key="plan_brand", bind="query-params", width=220)
        weeks = st.select_slider(
            "Weeks, cooldown included",
            list(LENGTHS),
            USUAL_WEEKS,
            key="plan_weeks",
            bind="query-params",
            width=280,
        )
        budget = st.number_input(
            f"Budget, {data.settings().currency}",
            min_value=1_000,
            value=USUAL_BUDGET,
            step=50_000,
            key="plan_budget",
            bind="query-params",
            width=220,
            help="All that the campaign would cost: fees, commission and products.",
        )
    against = data.break_even(replace(view.selection, chosen=()).having(brand=[brand]))
    return Plan(brand, int(weeks), float(budget), against.value), against.basis


def _show_regions(brand: str) -> tuple[list[str], list[str]]:
    regions = data.plan_regions(brand)
    with st.container(horizontal=True, gap="medium"):
        treated = st.multiselect(
            "Must be treated",
            regions,
            key="plan_treated",
            bind="query-params",
            help="Regions where the campaign runs in any case. They alone are a choice as well.",
        )
        untreated = st.multiselect(
            "Must not be treated",
            [region for region in regions if region not in treated],
            key="plan_untreated",
            bind="query-params",
            help="Regions that are kept free of the campaign.",
        )
    return treated, untreated


def _show_choice(designs: pd.DataFrame) -> Mapping[str, Any]:
    rows = {str(row["design_id"]): row for row in _rows(designs)}
    name = st.selectbox(
        "Regions treated",
        list(rows),
        format_func=lambda key: f"{key.capitalize()} ({_regions(rows[key]['regions'])})",
        key="plan_design",
        help="Ways to choose regions: what most probably ends with a verdict comes first.",
    )
    return rows[name]


def _show_headline(plan: Plan, chosen: Mapping[str, Any], basis: str) -> None:
    where = names(_treated(chosen), 6)
    campaign = (
        f"A campaign of {money(plan.budget)} in {plain(where)} for {plan.weeks} weeks, cooldown"
        " included,"
    )
    against = reasons.break_even(plan.break_even, basis)
    if pd.isna(chosen["prob_found_profitable"]):
        st.markdown(
            f"**{campaign} would be found profitable in 80 of 100 cases if its true iROAS were"
            f" {ratio(chosen['profitable_iroas'])}**, at a break-even of {against}."
        )
        st.caption(
            ":material/info: How probable a verdict is cannot be said yet: it takes three measured"
            " experiments to know what campaigns of this shop bring."
        )
        return
    cases = {
        name: count(round(100 * chosen[column]))
        for name, column in (
            ("profitable", "prob_found_profitable"),
            ("unprofitable", "prob_found_unprofitable"),
        )
    }
    rest = 100 - int(cases["profitable"]) - int(cases["unprofitable"])
    st.markdown(
        f"**{campaign} would show an iROAS above break-even ({against}) in {cases['profitable']} of"
        f" 100 cases**, below it in {cases['unprofitable']}, and stay inconclusive in {rest}."
    )
    known = data.plan_returns()
    if known:
        st.caption(
            f"By {count(known['experiments'])} experiments of this shop a rupee brings"
            f" {ratio(known['expected_iroas'])}, give or take {ratio(known['iroas_sd'])} from one"
            " campaign to the next."
        )
        if not chosen["is_usual"]:
            st.caption(
                f":material/warning: {money(plan.budget)} is {percent(chosen['spend_per_revenue'])}"
                " of what these regions sell in that time; nine in ten experiments had at most"
                f" {percent(known['high_spend_per_revenue'])}. So much spend may bring less a rupee"
                " than was ever seen here. Treat more regions or spend less."
            )


def _show_tiles(plan: Plan, chosen: Mapping[str, Any]) -> None:
    tiles = (
        (COLUMNS["profitable_iroas"], "in 80 of 100 cases"),
        (
            COLUMNS["minimum_detectable_revenue"],
            f"{ratio(chosen['minimum_detectable_iroas'])} a rupee; its interval lies above zero in"
            " 80 of 100 cases",
        ),
        (
            Measure("baseline_revenue", DESIGNS),
            f"in {plan.weeks} weeks without the campaign,"
            f" {percent(chosen['share_of_revenue'])} of {plan.brand}",
        ),
        (
            Measure("relative_se", DESIGNS),
            f"one standard error, {money(chosen['revenue_se'])}",
        ),
    )
    with st.grid(4, min_column_width=180):
        for measure, below in tiles:
            parts.tile(measure, chosen, below=partial(st.caption, plain(below)))


def _show_curve(plan: Plan, chosen: Mapping[str, Any]) -> None:
    st.subheader("What it would show, by what is true")
    power = data.plan_power(
        plan,
        _treated(chosen),
        CURVE_ENDS * float(chosen["profitable_iroas"]),
    )
    parts.show_chart(power_curve(power, plan.break_even), "Power of the test", "power")


def _show_going_dark(plan: Plan, chosen: Mapping[str, Any]) -> None:
    """The same regions without the usual posts, in the place of a campaign."""
    st.subheader("Or go dark")
    usual = data.usual_spend(plan.brand)
    found = data.plan_of_going_dark(
        plan,
        _treated(chosen),
        float(chosen["share_of_revenue"]),
        usual,
    )
    if found is None:
        st.caption(
            f"{plan.brand} spent nothing on posts that are shown everywhere in the last thirteen"
            " weeks, so nothing can be stopped in some regions."
        )
        return
    saved = found["spend_saved"]
    words = (
        f"Stopping the usual posts of {plain(plan.brand)}, {money(usual)} a week everywhere, in"
        f" these regions for {plan.weeks} weeks would save {money(saved)}"
    )
    if pd.isna(found["prob_found_profitable"]):
        st.markdown(
            f"{words}. It would find these posts profitable in 80 of 100 cases if their true iROAS"
            f" were {ratio(found['profitable_iroas'])}."
        )
    else:
        st.markdown(
            f"{words}, and is expected to lose {money(saved * found['expected_iroas'])} of"
            " incremental revenue. It would find these posts profitable in"
            f" {cases(found['prob_found_profitable'])} of 100 cases, unprofitable in"
            f" {cases(found['prob_found_unprofitable'])}."
        )
    st.caption(
        "Its error is the same as a campaign's, but there is less spend for it. Who posts must be"
        " able to leave out these regions."
    )


def _show_designs(plan: Plan, designs: pd.DataFrame) -> None:
    st.subheader("Ways to choose regions")
    st.caption(
        "Regions stand in a row by language and size; every n-th of them, or one of each pair of"
        " neighbours, is alike to what is left. Creators speak a language, so each is a choice too."
        " Where spend is usual for the revenue of its regions comes first."
    )
    parts.table(
        designs.head(MOST_DESIGNS),
        COLUMNS,
        alt=f"Ways to choose regions for {plan.brand}, {plan.weeks} weeks",
        pinned=["design_id"],
    )
    parts.offer_files(
        lambda: designs,
        len(designs),
        COLUMNS,
        f"Ways to choose regions for a test of {plan.brand}",
        f"designs_{plan.brand}_{plan.weeks}_weeks",
        f"Brand {plan.brand}, {plan.weeks} weeks, budget {money(plan.budget)}",
    )


def _show_next(view: View, plan: Plan, chosen: Mapping[str, Any]) -> None:
    """What a test like this one is worth, of each member."""
    st.subheader("What to test next")
    known = data.plan_returns()
    if known is None:
        st.caption(
            ":material/info: It takes three measured experiments to know how far campaigns of this"
            " shop differ, and so how much one test says of the next campaigns."
        )
        return
    by = str(
        st.segmented_control(
            "Test a",
            NEXT,
            default=NEXT[0],
            format_func=lambda name: DIMENSIONS[name].label,
            key="plan_next",
            bind="query-params",
            required=True,
        )
    )
    error = math.hypot(float(chosen["iroas_se"]), float(known["iroas_sd"]))
    values = data.values_of_tests(view.selection, plan, by, error)
    if values.empty:
        st.caption(
            f"No {DIMENSIONS[by].label.lower()} has spend in the last year and a return that is"
            " known with an error."
        )
        return
    best = values.iloc[0]
    worth = (
        f"**Most is learnt by testing {plain(str(best['member']))}: {money(best['net_value'])} a"
        " year after its cost.**"
        if best["net_value"] > 0
        else "**No test is expected to earn its cost**: what is known is sure enough, or too little"
        " money depends on it."
    )
    st.markdown(worth)
    st.caption(
        f"A test of {money(plan.budget)} measures an iROAS to {ratio(error)}, the difference"
        " between campaigns included. Spend of the last year is spent again where the return is"
        " then above break-even, and stopped where it is below: that is worth more than deciding"
        " today. What a test costs is what its budget is expected to lose."
        + (
            " Of a campaign that is over, this holds for the next one like it."
            if by == "campaign"
            else ""
        )
    )
    label = DIMENSIONS[by].label
    parts.table(
        values,
        {"member": measures.made_here("member", label), **VALUES},
        alt=f"What a test of each {label.lower()} is worth",
        pinned=["member"],
        file=f"next_test_by_{by}",
    )


def _show_export(plan: Plan, chosen: Mapping[str, Any]) -> None:
    st.subheader("Take it along")
    st.caption(
        "Append the rows to the exports of the shop, and the build after the test measures it."
        " test\\_plans.csv settles the plan: the experiment then says whether it was kept."
    )
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        usual_name = f"{plan.brand} test"
        name = st.text_input("Name of the campaign", usual_name, width=280)
        start = st.date_input(
            "First day",
            data.options().last_day + timedelta(days=7),
            format=style().date_picker,
            width=180,
        )
        cooldown = st.number_input(
            "Days of cooldown",
            min_value=0,
            max_value=7 * plan.weeks - 14,
            value=min(USUAL_COOLDOWN, 7 * plan.weeks - 14),
            width=180,
            help="Days after the last post in which the campaign still works; they are measured"
            " with it.",
        )
    _show_campaigns_beside(plan, chosen, start)
    files = exported(plan, chosen, " ".join(name.split()) or usual_name, start, int(cooldown))
    _offer(files)
    st.caption(
        "The plan's hash. Publish it before the first day, such as in a mail to all who will read"
        " the verdict: nothing of the plan can change without changing it."
    )
    st.code(files["test_plans.csv"]["plan_hash"].iloc[0], language=None)
    geo_files = exported_geo_test(files)
    [test] = _rows(geo_files["geo_experiments.csv"])
    st.caption(
        "Or, where sales by region are a file of their own, these two in the place of the others."
        " The build needs geo\\_panel.csv with them: revenue and cost of each region by day,"
        f" from {day(date.fromisoformat(test['pretest_start']))} to"
        f" {day(date.fromisoformat(test['cooldown_end']))}."
    )
    _offer(geo_files)


def _show_campaigns_beside(plan: Plan, chosen: Mapping[str, Any], start: date) -> None:
    """Warn of what would disturb the test, as far as campaigns.csv has it."""
    stop = _last_day(plan, start)
    regions = _treated(chosen)
    beside = data.campaigns_beside(plan.brand, start, stop, regions)
    if beside:
        st.caption(
            f":material/warning: At that time, cooldowns included, {plain(names(beside))}"
            f" {'works' if len(beside) == 1 else 'work'} in some of these regions too: the test"
            " will be less exact than foreseen. Choose another first day or other regions."
        )


def _offer(files: Mapping[str, pd.DataFrame]) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        for label, rows in files.items():
            st.download_button(
                label,
                data=partial(exports.rows_csv, rows),
                file_name=label,
                mime="text/csv",
                on_click="ignore",
                icon=":material/download:",
            )


def exported(
    plan: Plan, chosen: Mapping[str, Any], name: str, start: date, cooldown: int
) -> dict[str, pd.DataFrame]:
    """Rows of the exports that make a build measure the test, and hold it against its plan.

    Args:
        plan: What is planned.
        chosen: The regions where it runs with what it would show, a row of `data.plan_designs`.
        name: Name of the campaign, which is its key too.
        start: First day.
        cooldown: Days after the last in which it still works.

    Returns:
        Rows by name of the file.
    """
    stop = _last_day(plan, start)
    end = stop - timedelta(days=cooldown)
    treated = _treated(chosen)
    everywhere = data.plan_regions(plan.brand)
    control = [region for region in everywhere if region not in treated]
    campaigns = pd.DataFrame(
        {
            "campaign_id": [name],
            "name": [name],
            "brand": [plan.brand],
            "start_date": [start.isoformat()],
            "end_date": [end.isoformat()],
            "cooldown_days": [cooldown],
        }
    )
    regions = pd.DataFrame(
        {
            "campaign_id": name,
            "region": everywhere,
            "role": ["treatment" if region in treated else "control" for region in everywhere],
        }
    )
    settled = data.plan_row(plan, chosen, name, (start, end, stop), (treated, control))
    return {
        "campaigns.csv": campaigns,
        "campaign_regions.csv": regions,
        "test_plans.csv": pd.DataFrame([settled]),
    }


def exported_geo_test(files: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """The same test as a geo test, whose figures are a file of the shop's own.

    Args:
        files: As of `exported`.

    Returns:
        Rows by name of the file.
    """
    [campaign] = _rows(files["campaigns.csv"])
    [settled] = _rows(files["test_plans.csv"])
    start = date.fromisoformat(campaign["start_date"])
    test = {
        "experiment_id": campaign["campaign_id"],
        "name": campaign["name"],
        "brand": campaign["brand"],
        "pretest_start": (start - timedelta(days=data.settings().pretest_days)).isoformat(),
        "pretest_end": (start - timedelta(days=1)).isoformat(),
        "test_start": campaign["start_date"],
        "test_end": campaign["end_date"],
        "cooldown_end": settled["stop_date"],
    }
    geos = files["campaign_regions.csv"].rename(
        columns={"campaign_id": "experiment_id", "region": "geo", "role": "assignment"}
    )
    return {"geo_experiments.csv": pd.DataFrame([test]), "geo_assignments.csv": geos}


def _treated(chosen: Mapping[str, Any]) -> list[str]:
    """The treated regions of a design."""
    return str(chosen["region_list"]).split("; ")


def _last_day(plan: Plan, start: date) -> date:
    """The last day of the cooldown."""
    return start + timedelta(days=7 * plan.weeks - 1)


def _regions(number: Any) -> str:
    return f"{count(number)} {'region' if number == 1 else 'regions'}"


def _rows(designs: pd.DataFrame) -> list[dict[str, Any]]:
    return cast("list[dict[str, Any]]", designs.to_dict("records"))


show(filters.chosen())
