"""The measures that pages show: their names, how they are written, and where they are explained."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from viewer import data
from viewer.format import count, plain, ratio, rupees


@dataclass(frozen=True)
class Measure:
    """A figure of `data.performance`.

    Attributes:
        column: Its column there.
        label: What users call it.
        write: How a value is written.
        explained_by: Marts and columns of the published file whose comments explain it.
    """

    column: str
    label: str
    write: Callable[[Any], str]
    explained_by: tuple[tuple[str, str], ...]

    def tooltip(self) -> str | None:
        """What it means, in the words of the published file; None if the file does not tell."""
        comments = data.column_comments()
        known = [plain(comments[column]) for column in self.explained_by if column in comments]
        return " ".join(known) or None


SPEND = Measure("spend", "Spend", rupees, (("fct_influencer_days", "spend"),))
ATTRIBUTED_REVENUE = Measure(
    "attributed_revenue",
    "Attributed revenue",
    rupees,
    (("fct_influencer_days", "attributed_revenue"),),
)
ROAS = Measure("roas", "ROAS", ratio, (("rpt_influencer_performance", "roas"),))
LEGACY_INCREMENTAL_ROAS = Measure(
    "organic_projection_iroas",
    "Incremental ROAS (legacy)",
    ratio,
    (
        ("rpt_influencer_performance", "organic_projection_iroas"),
        ("rpt_influencer_performance", "organic_projection_incremental_revenue"),
    ),
)
ORDERS = Measure("orders", "Orders", count, (("fct_influencer_days", "orders"),))
COST_PER_ORDER = Measure("cpo", "Cost per order", rupees, (("rpt_influencer_performance", "cpo"),))
INFLUENCERS = Measure(
    "influencers", "Influencers", count, (("rpt_persona_performance", "influencers"),)
)

LEGACY_NOTE = (
    "Incremental ROAS (legacy) is the organic projection: it subtracts what other customers bought"
    " on the same days, in proportion to spend. It is not a causal measure; sound methods follow."
)
