"""What stands out in a selection, in words: each finding has its figure and its evidence."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from viewer.format import count, is_missing, money, percent, plain, ratio
from viewer.selection import Selection, View

OPENINGS = {
    "earns": "Influencers earn.",
    "loses": "Influencers lose.",
    "cannot tell": "Whether influencers earn cannot be told.",
}
NOTABLE_CHANGE = 0.1
MOST_UNMEASURED = 0.1
# A post still sells for some weeks after it was paid for.
FEWEST_DAYS = 28


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
    """What stands out, most important first.

    Args:
        view: What the sidebar sets.
        figures: Figures of the selection, as of `data.totals`.
        earlier: The figures they are compared with, if any.
        influencers: Figures by influencer, as of `data.performance`.
    """
    return [
        *_verdict(figures),
        *_who_earns(influencers),
        *_who_loses(influencers),
        *_change(view, figures, earlier),
        *_not_measured(figures),
    ]


def caveat(selection: Selection) -> str:
    """Why returns of a short period say little, as plain text; empty where it is long enough."""
    if selection.days >= FEWEST_DAYS:
        return ""
    days = "a single day" if selection.days == 1 else f"{count(selection.days)} days"
    return (
        "Revenue follows spend for weeks: in a selection of"
        f" {days} they belong together only in part, and returns say little. Choose a month or more"
        " to judge anybody."
    )


def _verdict(figures: Mapping[str, Any]) -> Iterator[Finding]:
    if figures["verdict"] == "not measurable":
        return
    share = percent(figures["spend_measured_share"])
    # What was spent without any attributed revenue is not in the ratio.
    spent = "spent" if share == percent(1) else f"of the {share} of spend that can be measured"
    yield Finding(
        ":material/insights:",
        f"**{OPENINGS[figures['verdict']]}** Every {money(1)} {spent} brought"
        f" {money(figures['iroas'])} that would not have come otherwise, with an interval of"
        f" {ratio(figures['iroas_low'])} to {ratio(figures['iroas_high'])}. It is above the"
        f" break-even with a probability of {percent(figures['prob_profitable'])}.",
        "experiments",
        "See the experiments",
        {},
    )


def _who_earns(influencers: Any) -> Iterator[Finding]:
    earning = influencers[influencers["verdict"] == "earns"]
    if earning.empty:
        return
    best = earning.sort_values(["iroas_low", "influencer_id"], ascending=[False, True]).iloc[0]
    yield Finding(
        ":material/trending_up:",
        f"**{count(len(earning))} of {count(len(influencers))} influencers earn**: their intervals"
        f" lie above the break-even, on {money(earning['spend'].sum())} of spend. Surest is"
        f" {plain(best['influencer_name'])} with at least {ratio(best['iroas_low'])} from"
        f" {count(best['orders'])} orders.",
        "influencers",
        "See the ranking",
        {"sort_by": "Lower bound"},
    )


def _who_loses(influencers: Any) -> Iterator[Finding]:
    losing = influencers[influencers["verdict"] == "loses"]
    if losing.empty:
        return
    worst = losing.sort_values(["spend", "influencer_id"], ascending=[False, True]).iloc[0]
    yield Finding(
        ":material/trending_down:",
        f"**{count(len(losing))} of {count(len(influencers))} influencers lose**: their intervals"
        f" lie below the break-even, on {money(losing['spend'].sum())} of spend. Most was spent on"
        f" {plain(worst['influencer_name'])}: {money(worst['spend'])} for at most"
        f" {ratio(worst['iroas_high'])}.",
        "influencers",
        "See who",
        {"sort_by": "Spend"},
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
        f"**Spend {'rose' if change > 0 else 'fell'} by {percent(abs(change))}** against the"
        f" {view.comparison}, and ROAS went from {ratio(earlier['roas'])} to"
        f" {ratio(figures['roas'])}.",
        "influencers",
        "Who received it",
        {"sort_by": "Spend"},
    )


def _not_measured(figures: Mapping[str, Any]) -> Iterator[Finding]:
    share = figures["spend_measured_share"]
    if is_missing(share) or 1 - share < MOST_UNMEASURED:
        return
    yield Finding(
        ":material/visibility_off:",
        f"**{percent(1 - share)} of spend cannot be measured**: it has no attributed orders, which"
        " is not the same as no effect.",
        "influencers",
        "See where",
        {"sort_by": "Spend"},
    )
