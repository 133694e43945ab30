"""Key findings of a selection, in words: each has its figure and links to its evidence."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from viewer import comparison, data, reasons
from viewer.format import count, is_missing, money, names, percent, plain, ratio
from viewer.selection import Selection, View

NOTABLE_CHANGE = 0.1
MOST_UNMEASURED = 0.1
# Beyond it, that little can be said is what has to be said first.
MOST_UNDECIDED = 0.75
# Below this share of incremental revenue, work outside campaigns is not worth a sentence.
LEAST_OUTSIDE = 0.01
# Pages with evidence, and the labels of links to them.
EXPERIMENTS = ("experiments", "See the experiments")
RANKING = ("influencers", "See the ranking")


@dataclass(frozen=True)
class Finding:
    """A sentence and where its evidence is.

    Attributes:
        icon: Icon of Streamlit.
        text: The sentence, in Markdown.
        page: Name of the page with the evidence.
        link: Label of the link to it.
        query: Its query parameters beyond the filters.
    """

    icon: str
    text: str
    page: str
    link: str
    query: Mapping[str, str | list[str]]


def of(
    view: View,
    figures: Mapping[str, Any],
    earlier: Mapping[str, Any] | None,
    influencers: pd.DataFrame,
) -> list[Finding]:
    """Key findings, most important first; none of dates whose returns are not judged.

    Args:
        view: What the sidebar sets.
        figures: Figures of the selection, as of `data.totals`.
        earlier: The figures they are compared with, if any.
        influencers: Figures by influencer, as of `data.performance`.
    """
    if data.timing(view.selection).is_off:
        return []
    return [
        *_undecided(influencers),
        *_verdict(view.selection, figures),
        *_profitable(influencers),
        *_unprofitable(influencers),
        *_change(view, figures, earlier),
        *_not_measured(figures),
        *_disagreeing(view),
    ]


def caveat(selection: Selection) -> str:
    """Why returns of the dates are not judged, as plain text; empty where they are."""
    timing = data.timing(selection)
    if not timing.is_off:
        return ""
    code = "other_period_shares" if selection.days_after is None else "cohort_unfinished"
    facts = {
        "revenue_share": percent(timing.other_revenue_share),
        "spend_share": percent(timing.later_spend_share),
        "days_after": str(selection.days_after),
    }
    return f"{reasons.in_words(code, facts)} {reasons.remedy(code)}"


def assumptions(figures: Mapping[str, Any]) -> list[str]:
    """What incremental revenue rests on beside attributed revenue and experiments, as plain text.

    Args:
        figures: Figures of the selection, as of `data.totals`.
    """
    words = _observational(figures), _media_value(figures), _outside_campaigns(figures)
    return [sentence for sentence in words if sentence]


def _observational(figures: Mapping[str, Any]) -> str:
    """That no experiment stands behind the figures, and what would change them."""
    if is_missing(figures["is_observational"]) or not figures["is_observational"]:
        return ""
    return (
        "No experiment stands behind incremental revenue: fewer than three were measured, and"
        " brands are each other's control. If demand of brands were 1 % higher in weeks of their"
        f" campaigns anyway, {money(figures['incremental_per_percent'])} of it would be gone."
    )


def _media_value(figures: Mapping[str, Any]) -> str:
    """That no order tells, where none was attributed."""
    is_calibrated = not is_missing(figures["outside_revenue"])
    if figures["orders"] or not is_calibrated or not figures["incremental_revenue"]:
        return ""
    return (
        "No order was attributed. Incremental revenue is media value × factor: what posts of this"
        " reach usually cost, times what that is estimated to bring."
    )


def _outside_campaigns(figures: Mapping[str, Any]) -> str:
    """That part of incremental revenue is an assumption; empty where none is."""
    outside, total = figures["outside_revenue"], figures["incremental_revenue"]
    if is_missing(outside) or is_missing(total) or not outside:
        return ""
    if abs(outside) < LEAST_OUTSIDE * abs(total):
        return ""
    low, high = money(figures["outside_revenue_low"]), money(figures["outside_revenue_high"])
    return (
        f"{money(outside)} of incremental revenue ({low} to {high}) is of work outside campaigns."
        " No experiment measures it: it is an assumption. Choose campaigns to leave it out."
    )


def cohort_in_words(selection: Selection) -> str:
    """What revenue counts in the view of a cohort, and how much is still to come."""
    words = (
        f"Spend of these dates with its revenue up to {selection.days_after} days later, on the"
        " day of the spend. Orders without spend of their influencer before them are left out."
    )
    later = data.timing(selection).later_spend_share
    if is_missing(later) or not later:
        return words
    return f"{words} For {percent(later)} of the spend these days are not over."


def undecided(spend: "pd.Series[float]", open_kinds: Sequence[str], whose: str = "") -> str:
    """That most of the spend cannot be decided about, as Markdown; empty if it is not most.

    Args:
        spend: Spend by kind.
        open_kinds: The kinds that cannot be decided about.
        whose: What spend is, between "is" and "neither".
    """
    share = spend.reindex(list(open_kinds)).sum() / (spend.sum() or 1)
    if share <= MOST_UNDECIDED:
        return ""
    return (
        f"**{percent(share)} of spend is {whose + ' ' if whose else ''}neither surely profitable"
        " nor surely unprofitable**: experiments on the largest of it would settle most."
    )


def _undecided(influencers: pd.DataFrame) -> Iterator[Finding]:
    spend = influencers.groupby("verdict")["spend"].sum().astype(float)
    words = undecided(spend, ("inconclusive", "not measurable"), "on influencers who are")
    if not words:
        return
    yield Finding(
        ":material/help:",
        words,
        "decide",
        "See whom to test",
        {"decision": "Test"},
    )


def _verdict(selection: Selection, figures: Mapping[str, Any]) -> Iterator[Finding]:
    if figures["verdict"] == "not measurable":
        return
    share = percent(figures["spend_measured_share"])
    # Spend without any attributed revenue is not part of the ratio.
    of_spend = "of spend" if share == percent(1) else f"of the {share} of spend that is measurable"
    yield Finding(
        ":material/insights:",
        f"**{figures['verdict'].capitalize()}.** Each {money(1)} {of_spend} generated"
        f" {money(figures['iroas'])} of incremental revenue ({data.settings().ci_level * 100:g} %"
        f" CI {ratio(figures['iroas_low'])} to {ratio(figures['iroas_high'])}, break-even"
        f" {reasons.break_even(figures['break_even'], figures['break_even_basis'])}). The"
        " probability of break-even is"
        f" {percent(figures['prob_profitable'])}.",
        # Experiments of other days may have calibrated the selection, which has none of its own.
        *(EXPERIMENTS if data.has_experiments(selection) else RANKING),
        {},
    )


def _profitable(influencers: Any) -> Iterator[Finding]:
    profitable = influencers[influencers["verdict"] == "profitable"]
    if profitable.empty:
        return
    best = profitable.sort_values(["iroas_low", "influencer_id"], ascending=[False, True]).iloc[0]
    orders = f", {count(best['orders'])} orders" if best["orders"] else ""
    yield Finding(
        ":material/trending_up:",
        f"**{count(len(profitable))} of {count(len(influencers))} influencers are profitable**:"
        f" the lower bound is above the break-even, on {money(profitable['spend'].sum())} of"
        f" spend. The highest lower bound is {ratio(best['iroas_low'])}"
        f" ({plain(best['influencer_name'])}{orders}).",
        "decide",
        "See whom to pay more",
        {"decision": "Raise"},
    )


def _unprofitable(influencers: Any) -> Iterator[Finding]:
    unprofitable = influencers[influencers["verdict"] == "unprofitable"]
    if unprofitable.empty:
        return
    worst = unprofitable.sort_values(["spend", "influencer_id"], ascending=[False, True]).iloc[0]
    yield Finding(
        ":material/trending_down:",
        f"**{count(len(unprofitable))} of {count(len(influencers))} influencers are unprofitable**:"
        f" the upper bound is below the break-even, on {money(unprofitable['spend'].sum())} of"
        f" spend. The largest spend is {money(worst['spend'])}"
        f" ({plain(worst['influencer_name'])}, upper bound {ratio(worst['iroas_high'])}).",
        "decide",
        "See whom to stop",
        {"decision": "Stop"},
    )


def _change(
    view: View, figures: Mapping[str, Any], earlier: Mapping[str, Any] | None
) -> Iterator[Finding]:
    if earlier is None or not earlier["spend"] or is_missing(earlier["roas"]):
        return
    change = (figures["spend"] - earlier["spend"]) / earlier["spend"]
    if abs(change) < NOTABLE_CHANGE or is_missing(figures["roas"]):
        return
    yield Finding(
        ":material/compare_arrows:",
        f"**Spend {'rose' if change > 0 else 'fell'} by {percent(abs(change))}** compared with the"
        f" {comparison.in_words(view)}; ROAS went from {ratio(earlier['roas'])} to"
        f" {ratio(figures['roas'])}.",
        *RANKING,
        {"sort_by": "Spend"},
    )


def _not_measured(figures: Mapping[str, Any]) -> Iterator[Finding]:
    share = figures["spend_measured_share"]
    if is_missing(share) or 1 - share < MOST_UNMEASURED:
        return
    yield Finding(
        ":material/visibility_off:",
        f"**{percent(1 - share)} of spend cannot be measured**: it has no attributed orders, which"
        " is not evidence of no effect.",
        *RANKING,
        {"sort_by": "Spend"},
    )


def _disagreeing(view: View) -> Iterator[Finding]:
    """Campaigns whose own experiments and calibrated figures do not meet."""
    if not data.has_experiments(view.selection):
        return
    rows = data.campaigns(view.selection, view.method)
    apart = rows.loc[rows["disagrees"], "campaign_name"].tolist()
    if not apart:
        return
    which = "1 campaign" if len(apart) == 1 else f"{count(len(apart))} campaigns"
    yield Finding(
        ":material/difference:",
        f"**Of {which} the measured and the calibrated incremental revenue disagree** beyond their"
        f" intervals: {plain(names(apart), longest=400)}.",
        EXPERIMENTS[0],
        "See campaigns",
        {"show": "Campaigns"},
    )
