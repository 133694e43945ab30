"""Move the budget: what the next rupee brings, and where it should go."""

import math
from typing import Any, cast

import pandas as pd
import streamlit as st

from viewer import data, filters, measures, reasons
from viewer.charts.budget import added_revenue, response
from viewer.data import Best, Limit, Move
from viewer.dimensions import GROUPINGS
from viewer.format import NOTHING, cases, money, money_in_full, percent, plain, ratio
from viewer.selection import Selection, View
from viewer.views import parts

CHANGES = (5, 10, 15, 20, 25, 30, 40, 50)
USUAL_CHANGE = 20
BUDGETS = (70, 80, 90, 100, 110, 120, 130)
# What is known of the slope, and what is not.
PROBLEMS = {
    "one_level": "All campaigns of a brand spent alike for their demand, so what more or less would"
    " bring was never seen. Let some campaigns spend three times as much as others, for the same"
    " demand.",
    "too_few_orders": "It takes three campaigns and 300 orders by codes or links to see how the"
    " return of a day falls with what is seen on it.",
}
CURVES = {
    **measures.of_mart("fct_influencer_days", "spend"),
    "incremental_revenue": measures.INCREMENTAL_REVENUE,
    "average_iroas": measures.made_here("average_iroas", "Average iROAS", "ratio"),
    "marginal_iroas": measures.made_here("marginal_iroas", "Marginal iROAS", "ratio"),
    "elasticity": measures.made_here("elasticity", "Elasticity", "percent"),
    "elasticity_range": measures.made_here("elasticity_range", "Its interval"),
}
MOVES = {
    **measures.of_mart("fct_influencer_days", "spend"),
    "new_spend": measures.made_here("new_spend", "New spend", "currency"),
    "added_spend": measures.made_here("added_spend", "Change", "currency"),
    "range": measures.made_here("range", "As good between"),
    "average_iroas": measures.made_here("average_iroas", "Average iROAS", "ratio"),
    "marginal_iroas": measures.made_here("marginal_iroas", "Marginal iROAS today", "ratio"),
    "new_marginal_iroas": measures.made_here("new_marginal_iroas", "Marginal iROAS then", "ratio"),
    "added_revenue": measures.made_here("added_revenue", "Added revenue", "currency"),
}


def show(view: View) -> None:
    """Lay out the page."""
    parts.header("Move the budget", view.selection)
    if parts.shown_empty(view.selection):
        return
    by = _show_dimension()
    curves = data.response_curves(view.selection, by)
    if curves.empty:
        st.info(
            "Nothing that cost money here has an incremental revenue, so no return is known. Choose"
            " longer dates or fewer filters.",
            icon=":material/swap_horiz:",
        )
        return
    problem = next((p for p in curves["problem"] if isinstance(p, str)), None)
    if problem:
        st.warning(
            f"**The slope of returns is not known, so no move of the budget is advised.**"
            f" {PROBLEMS[problem]} Average returns are known all the same.",
            icon=":material/block:",
        )
        _show_curves(curves, by, is_known=False)
        return
    move = _show_controls(view.selection, curves, by)
    best = data.best_spend(view.selection, move, curves)
    if best is None:
        st.info(
            "Within these limits no plan spends this budget. Allow a larger change, keep fewer"
            " fixed, ease limits of single ones, or choose a budget nearer to today's.",
            icon=":material/info:",
        )
    else:
        _show_answer(view, move, best)
    _show_curves(curves, by, is_known=True)


def _show_dimension() -> str:
    by = st.segmented_control(
        "Move between",
        list(GROUPINGS),
        default=next(iter(GROUPINGS)),
        format_func=lambda name: GROUPINGS[name].plural,
        key="budget_by",
        bind="query-params",
        required=True,
    )
    return str(by)


def _show_controls(selection: Selection, curves: pd.DataFrame, by: str) -> Move:
    today = float(curves["spend"].sum())
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        change = st.select_slider(
            "Most change of each, %",
            CHANGES,
            USUAL_CHANGE,
            key="budget_change",
            bind="query-params",
            width=260,
            help="No more than this is taken from or given to each; never beyond what was seen"
            " spent in its months.",
        )
        share = st.select_slider(
            f"Budget, % of {money(today)}",
            BUDGETS,
            100,
            key="budget_share",
            bind="query-params",
            width=260,
        )
        fixed = st.multiselect(
            "Stay as they are",
            list(curves["member"].astype(str)),
            key=f"budget_fixed_{by}",
            width=280,
        )
    with st.container(horizontal=True, gap="medium"):
        is_surer = st.toggle(
            "Prefer what is surer",
            key="budget_surer",
            bind="query-params",
            help="Each return counts at the lower end of its interval of 60 %, so that what is"
            " little known gets less.",
        )
        until = st.toggle(
            "Until break-even",
            key="budget_until",
            bind="query-params",
            help="Instead of a budget: each gets money until its last rupee returns the"
            f" break-even, {ratio(data.break_even(selection).value)}, within the limits.",
        )
    singles = _show_singles(curves[~curves["member"].isin(fixed)], _edited(curves, by))
    return Move(
        by,
        change / 100,
        tuple(fixed),
        is_surer,
        None if until else today * share / 100,
        singles,
    )


def _edited(curves: pd.DataFrame, by: str) -> pd.DataFrame:
    """Lowest and highest as the user wrote them, by member."""
    # Members are the index, in an order that holds: by it an edit finds its row after a change of
    # the filters too.
    seen = curves.set_index("member").sort_index()
    shown = pd.DataFrame(
        {
            "spend": seen["spend"].map(money_in_full),
            "seen": [_range(row) for row in _rows(seen)],
            "lowest": math.nan,
            "highest": math.nan,
        },
        index=seen.index,
    )
    label = GROUPINGS[by].label
    amount, text = st.column_config.NumberColumn, st.column_config.TextColumn
    with st.expander("Limits of single ones", icon=":material/tune:"):
        st.caption(
            "A lowest or a highest spend replaces the limit of all. It must lie within what the"
            " months have seen."
        )
        return st.data_editor(
            shown,
            key=f"budget_limits_{by}",
            disabled=["spend", "seen"],
            column_config={
                "_index": text(label, disabled=True),
                "spend": text("Spend today"),
                "seen": text("Seen"),
                "lowest": amount("Lowest", min_value=0, step=1, format="localized"),
                "highest": amount("Highest", min_value=0, step=1, format="localized"),
            },
            placeholder="as all",
            alt=f"Lowest and highest spend of each {label.lower()}",
        )


def _show_singles(curves: pd.DataFrame, edited: pd.DataFrame) -> tuple[Limit, ...]:
    """Limits of single members that hold, and a line for each that does not."""
    singles = []
    for row in _rows(curves):
        member, written = str(row["member"]), edited.loc[row["member"]]
        lowest, highest = (_bound(row, end, float(written[end])) for end in ("lowest", "highest"))
        if lowest is not None and highest is not None and lowest > highest:
            st.warning(
                f"The lowest spend of {plain(member)} is above its highest: neither counts.",
                icon=":material/block:",
            )
        elif lowest is not None or highest is not None:
            singles.append(Limit(member, lowest, highest))
    if singles:
        st.caption(f"Limits of their own: {plain('; '.join(map(_limit_in_words, singles)))}.")
    return tuple(singles)


def _bound(row: dict[str, Any], end: str, value: float) -> float | None:
    """A limit of a member within what was seen; None, and a line, if it lies outside of that."""
    # What is shown of the range is rounded to whole units of money.
    if row["seen_from"] - 1 < value < row["seen_to"] + 1:
        return float(min(max(value, row["seen_from"]), row["seen_to"]))
    if not math.isnan(value):
        st.warning(
            f"The {end} spend of {plain(str(row['member']))}, {money_in_full(value)}, lies outside"
            f" of what was seen, {_range(row)}, and does not count.",
            icon=":material/block:",
        )
    return None


def _limit_in_words(limit: Limit) -> str:
    ends = (("at least", limit.lowest), ("at most", limit.highest))
    said = [f"{word} {money_in_full(value)}" for word, value in ends if value is not None]
    return f"{limit.member} {' and '.join(said)}"


def _range(row: dict[str, Any]) -> str:
    """What months have seen of a member, in whole units of money that lie within it."""
    low, high = math.ceil(row["seen_from"]), math.floor(row["seen_to"])
    if low > high:
        low = high = row["seen_from"]
    return f"{money_in_full(low)} to {money_in_full(high)}"


def _show_answer(view: View, move: Move, best: Best) -> None:
    moves = best.moves
    st.markdown(_headline(best, float(moves["added_spend"].clip(lower=0).sum())))
    against = data.break_even(view.selection)
    at = moves.loc[~moves["is_fixed"], "new_marginal_iroas"]
    if len(at):
        st.caption(
            f"The last rupee then returns between {ratio(at.min())} and {ratio(at.max())}; the"
            f" break-even is {reasons.break_even(against.value, against.basis)}. Where a limit is"
            " reached, returns stay apart."
        )
    parts.show_chart(added_revenue(moves, best.gain), "Revenue that moving spend adds", "moves")
    shown = moves.assign(
        range=[
            "stays" if fixed else NOTHING if pd.isna(low) else f"{money(low)} to {money(high)}"
            for fixed, low, high in zip(
                moves["is_fixed"], moves["spend_from"], moves["spend_to"], strict=True
            )
        ]
    )
    label = GROUPINGS[move.by].label
    has_range = move.budget is not None
    columns = {name: what for name, what in MOVES.items() if has_range or name != "range"}
    parts.table(
        shown,
        {"member": measures.made_here("member", label), **columns},
        alt=f"New spend by {label.lower()}",
        pinned=["member"],
        file=f"budget_by_{move.by}",
    )
    if has_range:
        st.caption(
            "*As good between*: any spend in this range, with the rest split as well as possible,"
            " is better than the best plan in at least 10 of 100 cases."
            + (
                " It is tried for those that could move most."
                if NOTHING in shown["range"].to_list()
                else ""
            )
        )


def _headline(best: Best, given: float) -> str:
    """What the best plan gains, and how probably.

    Args:
        best: The plan.
        given: What those get that get more.
    """
    added = best.added_spend
    is_same_budget = abs(added) < 1
    if given < 1 and is_same_budget:
        return "**Within these limits nothing better than today's split is seen.**"
    moves = [f"giving {money(given)} more to what returns more"] if given >= 1 else []
    if not is_same_budget:
        moves.append(f"spending {money(abs(added))} {'more' if added > 0 else 'less'} in all")
    says = " and ".join(moves)
    better = (
        "more than today's plan"
        if is_same_budget
        else "by the break-even, worth the money"
        if added > 0
        else "by the break-even, less than what it saves"
        if best.gain < 0
        else "better than today's plan"
    )
    verb = "bring" if best.gain >= 0 else "lose"
    return (
        f"**{says[0].upper()}{says[1:]} would {verb} {money(abs(best.gain))} of incremental"
        f" revenue**, give or take {money(best.gain_se)}: {better} in"
        f" {cases(best.prob_better)} of 100 cases."
    )


def _show_curves(curves: pd.DataFrame, by: str, is_known: bool) -> None:
    label = GROUPINGS[by].label
    st.subheader("Average and marginal return")
    st.caption(
        "The average is what all rupees brought, each alike; the marginal return is what the next"
        " rupee brings. On a day on which much is seen, each post brings less."
    )
    shown = curves.assign(
        elasticity_range=[
            f"{percent(low)} to {percent(high)}" if is_known else "not known"
            for low, high in zip(curves["elasticity_low"], curves["elasticity_high"], strict=True)
        ]
    )
    if not is_known:
        shown = shown.assign(marginal_iroas=None, elasticity=None)
    parts.table(
        shown,
        {"member": measures.made_here("member", label), **CURVES},
        alt=f"Average and marginal iROAS by {label.lower()}",
        pinned=["member"],
        file=f"returns_by_{by}",
    )
    if not is_known:
        return
    rows = {str(row["member"]): row for row in _rows(curves)}
    chosen = st.selectbox(
        f"Response curve of {label.lower()}", list(rows), key=f"budget_curve_{by}"
    )
    row = pd.Series(rows[chosen])
    if not row["elasticity"] > 0:
        st.caption(f"Nothing is seen to come of more spend on {plain(chosen)}.")
        return
    parts.show_chart(
        response(row, row["spend"] * row["seen_low"], row["spend"] * row["seen_high"]),
        f"Response curve of {chosen}",
        "curve",
    )
    low, high = row["half_saturation_low"], row["half_saturation_high"]
    end: str = money(high) if pd.notna(high) else "no end that is seen"
    st.caption(
        f"Half of what {plain(chosen)} can bring is reached at a spend of"
        f" {money(row['half_saturation'])}"
        + (f", between {money(low)} and {end} by its interval." if pd.notna(low) else ".")
    )


def _rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    return cast("list[dict[str, Any]]", table.to_dict("records"))


show(filters.chosen())
