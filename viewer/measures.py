"""The measures that pages show: their names, how they are written, and where they are explained."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

from viewer import data
from viewer.format import count, money, percent, plain, ratio

Better = Literal["higher", "lower", "neither"]


@dataclass(frozen=True)
class Measure:
    """A figure of `data.performance` or of a mart.

    Attributes:
        column: Its column there.
        label: What users call it.
        write: How a value is written.
        mart: Mart of the published file whose column of the same name explains it.
        better: Which way is good, for the colour of changes.
        explained_as: Name of the column in the mart, where it has another.
    """

    column: str
    label: str
    write: Callable[[Any], str]
    mart: str = "rpt_influencer_performance"
    better: Better = "higher"
    explained_as: str = ""

    @property
    def explained_by(self) -> tuple[str, str]:
        """Mart and column of the published file that explain it."""
        return self.mart, self.explained_as or self.column

    def tooltip(self) -> str | None:
        """What it means, in the words of the published file; None if the file does not tell."""
        comment = data.column_comments().get(self.explained_by)
        return plain(comment, longest=600) if comment else None


SPEND = Measure("spend", "Spend", money, "fct_influencer_days", "neither")
ATTRIBUTED_REVENUE = Measure(
    "attributed_revenue", "Attributed revenue", money, "fct_influencer_days"
)
ROAS = Measure("roas", "ROAS", ratio)
INCREMENTAL_REVENUE = Measure("incremental_revenue", "Incremental revenue", money)
INCREMENTAL_ROAS = Measure("iroas", "Incremental ROAS", ratio)
IROAS_LOW = Measure("iroas_low", "iROAS at least", ratio)
IROAS_HIGH = Measure("iroas_high", "iROAS at most", ratio)
PROBABILITY = Measure("prob_profitable", "Probability of break-even", percent)
VERDICT = Measure("verdict", "Verdict", str)
ORDERS = Measure("orders", "Orders", count, "fct_influencer_days")
COST_PER_ORDER = Measure("cpo", "Cost per order", money, better="lower")
AVERAGE_ORDER = Measure("aov", "Average order", money)
COST_PER_THOUSAND = Measure("cpm", "Cost per 1,000 views", money, better="lower")
COST_PER_ENGAGEMENT = Measure("cpe", "Cost per engagement", money, better="lower")
ENGAGEMENT_RATE = Measure("engagement_rate", "Engagement rate", percent)
NEW_CUSTOMER_SHARE = Measure("new_customer_share", "New-customer share", percent)
COST_PER_NEW_CUSTOMER = Measure("ncac", "Cost per new customer", money, better="lower")
POSTS = Measure("posts", "Posts", count, "fct_influencer_days", "neither")
REACH = Measure("reach", "Reach", count, "fct_influencer_days")
INFLUENCERS = Measure("influencers", "Influencers", count, "rpt_persona_performance", "neither")
# Of payout lines; what became of a line is told by its status and due date.
EARNED = Measure("earned", "Earned", money, "fct_payout_lines", "neither", "amount")
PAID = Measure("paid", "Paid", money, "fct_payout_lines", "neither", "amount")
DUE = Measure("due", "Due", money, "fct_payout_lines", "neither", "due_date")
OVERDUE = Measure("overdue", "Overdue", money, "fct_payout_lines", "lower", "due_date")
OVER_BOOKED = Measure(
    "over_booked", "Over-payments", money, "fct_payout_lines", "lower", "difference"
)
UNDER_BOOKED = Measure(
    "under_booked", "Under-payments", money, "fct_payout_lines", "lower", "difference"
)
# Of experiments.
LIFT = Measure("lift", "Lift", percent, "fct_incremental_roas")
DETECTABLE_REVENUE = Measure(
    "minimum_detectable_revenue", "Detectable revenue", money, "fct_incremental_roas", "lower"
)

# How pages make a figure of the column that explains it, by label.
FORMULAS = {
    "Earned": "sum(amount)",
    "Paid": "sum(amount) of lines that are paid",
    "Due": "sum(amount) of lines neither paid nor reversed, due on the last day of the data or"
    " later",
    "Overdue": "sum(amount) of lines neither paid nor reversed, due before the last day of the"
    " data",
    "Over-payments": "sum(difference) of lines that are not reversed, where it is above zero",
    "Under-payments": "-sum(difference) of lines that are not reversed, where it is below zero",
}

# What the method filter turns the incremental figures into, by method of a selection.
METHOD_LABELS = {"attributed": "as attributed", "organic_projection": "legacy"}
LEGACY_NOTE = (
    "Incremental figures by the legacy method are the organic projection: it subtracts what other"
    " customers bought on the same days, in proportion to spend. It is not a causal measure."
)


def by_method(measure: Measure, method: str) -> Measure:
    """An incremental measure as a method has it: labelled, and explained where it is legacy."""
    if method not in METHOD_LABELS:
        return measure
    label = f"{measure.label} ({METHOD_LABELS[method]})"
    if method == "organic_projection":
        return replace(measure, label=label, explained_as=f"organic_projection_{measure.column}")
    return replace(measure, label=label, explained_as="attributed_revenue", mart=SPEND.mart)
