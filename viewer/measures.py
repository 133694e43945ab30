"""The figures that pages show. Labels and formats come from the published file."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from viewer import columns
from viewer.columns import WRITERS, Direction, Unit
from viewer.format import plain

REPORT = "rpt_influencer_performance"
PAYOUTS = "rpt_influencer_payouts"
EXPERIMENTS = "fct_incremental_roas"


@dataclass(frozen=True)
class Measure:
    """A figure: a column of a published mart, or one that pages make themselves.

    Attributes:
        column: Its column, in the mart and in what is shown.
        mart: Published mart that has the column; empty for a figure that only pages make.
        own_label: What users call it, if not as the file has it.
        own_unit: What its values are, if the file does not say.
        explained: Mart and column that explain it, if not its own.
    """

    column: str
    mart: str = REPORT
    own_label: str = ""
    own_unit: Unit | None = None
    explained: tuple[str, str] | None = None

    @property
    def label(self) -> str:
        """What users call it."""
        return self.own_label or (self._published.label if self._published else self.column)

    @property
    def unit(self) -> Unit:
        """What its values are."""
        return self.own_unit or (self._published.unit if self._published else "text")

    @property
    def write(self) -> Callable[[Any], str]:
        """How a value is written."""
        return WRITERS[self.unit]

    @property
    def better(self) -> Direction:
        """Which way is good, for the colour of changes."""
        return self._published.direction if self._published else "neither"

    @property
    def explained_by(self) -> tuple[str, str]:
        """Mart and column of the published file that explain it."""
        return self.explained or (self.mart, self.column)

    @property
    def number_format(self) -> str | None:
        """How spreadsheets write it; None for text and truth values."""
        published = self._published
        return published.number_format if published else columns.number_format(self.unit)

    @property
    def meaning(self) -> str:
        """What it means, in the words of the published file; empty if the file does not say."""
        mart, column = self.explained_by
        return columns.meaning(mart, column) if mart else ""

    def tooltip(self) -> str | None:
        """What it means, as Markdown; None if the file does not say."""
        return plain(self.meaning, longest=600) if self.meaning else None

    @property
    def _published(self) -> columns.Column | None:
        return columns.about(self.mart, self.column) if self.mart else None


def of_mart(mart: str, *names: str) -> dict[str, Measure]:
    """Columns of a mart by name, for a table of them."""
    return {name: Measure(name, mart) for name in names}


def headlines() -> list[Measure]:
    """What overview and report show first."""
    return [Measure(name, mart) for name, mart in columns.in_place("headline").items()]


def of_ranking() -> dict[str, Measure]:
    """What the table of influencers shows of each, by column."""
    return {name: Measure(name, mart) for name, mart in columns.in_place("ranking").items()}


def made_here(column: str, label: str, unit: Unit = "text") -> Measure:
    """A figure that only pages make, so that no file explains it."""
    return Measure(column, "", label, unit)


SPEND = Measure("spend", "fct_influencer_days")
ATTRIBUTED_REVENUE = Measure("attributed_revenue", "fct_influencer_days")
ROAS = Measure("roas")
INCREMENTAL_REVENUE = Measure("incremental_revenue")
INCREMENTAL_ROAS = Measure("iroas")
IROAS_LOW = Measure("iroas_low")
IROAS_HIGH = Measure("iroas_high")
PROBABILITY = Measure("prob_profitable")
VERDICT = Measure("verdict")
ORDERS = Measure("orders", "fct_influencer_days")
COST_PER_ORDER = Measure("cpo")
AVERAGE_ORDER = Measure("aov")
COST_PER_THOUSAND = Measure("cpm")
COST_PER_ENGAGEMENT = Measure("cpe")
ENGAGEMENT_RATE = Measure("engagement_rate")
NEW_CUSTOMER_SHARE = Measure("new_customer_share")
COST_PER_NEW_CUSTOMER = Measure("ncac")
POSTS = Measure("posts", "fct_influencer_days")
INFLUENCERS = Measure("influencers", "rpt_persona_performance")
EARNED = Measure("earned", PAYOUTS)
PAID = Measure("paid", PAYOUTS)
DUE = Measure("due", PAYOUTS)
OVERDUE = Measure("overdue", PAYOUTS)
OVER_BOOKED = Measure("over_booked", PAYOUTS)
UNDER_BOOKED = Measure("under_booked", PAYOUTS)
INCREMENTAL_PROFIT = Measure("incremental_profit")
LIFT = Measure("lift", EXPERIMENTS)
DETECTABLE_REVENUE = Measure("minimum_detectable_revenue", EXPERIMENTS)

# What the method filter turns the incremental figures into, by method of a selection.
METHOD_LABELS = {"attributed": "as attributed", "organic_projection": "legacy"}
LEGACY_NOTE = (
    "The legacy method (organic projection) subtracts what other customers bought on the same days,"
    " in proportion to spend. It is not a causal measure."
)


# Columns that hold spend against what it brought, which has to belong together.
RETURNS = ("roas", "iroas", "incremental_profit", "contribution_after_spend", "cpo", "ncac")
# Columns of incremental figures, each followed by its bounds where it has an interval.
INCREMENTAL = ("incremental_revenue", "iroas", "incremental_profit")


def shown(measure: Measure, method: str, basis: str) -> Measure:
    """A measure as a method and a break-even have it: labelled, and explained where it is legacy.

    Args:
        measure: Any measure; only incremental ones depend on these.
        method: Method of incremental figures.
        basis: What the break-even is made of.
    """
    if measure.column == INCREMENTAL_PROFIT.column and basis == "revenue":
        measure = replace(measure, own_label="Incremental revenue after spend")
    return by_method(measure, method) if measure.column in INCREMENTAL else measure


def by_method(measure: Measure, method: str) -> Measure:
    """An incremental measure as a method has it."""
    if method not in METHOD_LABELS:
        return measure
    label = f"{measure.label} ({METHOD_LABELS[method]})"
    explained = (
        (REPORT, f"organic_projection_{measure.column}")
        if method == "organic_projection"
        else ATTRIBUTED_REVENUE.explained_by
    )
    return replace(measure, own_label=label, explained=explained)
