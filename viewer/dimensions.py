"""What figures are filtered and grouped by: the one list that sidebar, links and SQL follow."""

from dataclasses import dataclass
from typing import Literal

# Whose trait a dimension is, which says where else than in influencer days it narrows: marts that
# name an influencer; experiments; experiments and the orders of every channel.
Scope = Literal["influencer", "campaign", "order"]


@dataclass(frozen=True)
class Dimension:
    """What figures can be filtered and grouped by.

    Attributes:
        label: What users call it.
        column: The column, in influencer days joined to their influencers; that of an influencer is
            in dim_influencers, any other in dim_experiments, that of an order in fct_revenue_days.
        scope: Whose trait it is.
        mart: The mart that lists its members, in the same column.
        label_column: Column of that mart with names to show; None where members are names.
        order: Aggregate of that mart by which members are ordered; None for by name.
        is_rare: Whether its filter stands behind "More filters".
    """

    label: str
    column: str
    scope: Scope
    mart: str = "dim_influencers"
    label_column: str | None = None
    order: str | None = None
    is_rare: bool = False


# By name, which is also the parameter in links and the key of the widget; in the order to show.
DIMENSIONS = {
    "platform": Dimension("Platform", "platform", "influencer"),
    "persona": Dimension("Persona", "persona", "influencer"),
    "brand": Dimension("Brand", "brand", "order", mart="dim_brands"),
    "campaign": Dimension(
        "Campaign", "campaign_id", "campaign", mart="dim_campaigns", label_column="campaign_name"
    ),
    "tier": Dimension("Tier", "tier", "influencer", order="min(follower_count)", is_rare=True),
    "category": Dimension("Category", "category", "influencer", is_rare=True),
    "influencer": Dimension(
        "Influencer", "influencer_id", "influencer", label_column="influencer_name", is_rare=True
    ),
}


@dataclass(frozen=True)
class Grouping:
    """What money moves between: the members of a dimension, or of two of them together.

    Attributes:
        label: What users call one of its members.
        plural: What users call all of them.
        columns: Columns that make a member, as of `Dimension`.
    """

    label: str
    plural: str
    columns: tuple[str, ...]

    @property
    def member(self) -> str:
        """SQL of a member's name, such as Mid-Fitness on Instagram."""
        return f"concat_ws(' on ', {', '.join(self.columns)})"


# By name, which is also the parameter in links; in the order to show.
GROUPINGS = {
    name: Grouping(DIMENSIONS[name].label, f"{DIMENSIONS[name].label}s", (DIMENSIONS[name].column,))
    for name in ("platform", "persona", "brand")
} | {
    "persona_platform": Grouping(
        "Persona on platform", "Personas on platforms", ("persona", "platform")
    )
}
