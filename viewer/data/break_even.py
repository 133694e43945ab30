"""The iROAS from which a selection is profitable."""

from functools import lru_cache
from typing import NamedTuple

from viewer.data.catalogue import NONE_MEMBER
from viewer.published import Identity, published_identity, read_one
from viewer.selection import Selection


class BreakEven(NamedTuple):
    """What returns are held against.

    Attributes:
        value: The iROAS at which spend pays for itself.
        basis: What it is made of: margin, revenue (before cost of goods) or setting.
    """

    value: float
    basis: str


# The file has 1,000 where no sale leaves a margin.
OUT_OF_REACH = 999.0
BY_REVENUE = BreakEven(1.0, "revenue")


def break_even(selection: Selection) -> BreakEven:
    """What returns of a selection are held against: the break-even of its brands.

    They are those of the brand filter, else those of the chosen campaigns, else all.
    """
    if selection.judged_by == "revenue":
        return BY_REVENUE
    return _of_brands(
        published_identity(), selection.members("brand"), selection.members("campaign")
    )


@lru_cache(maxsize=256)
def _of_brands(
    identity: Identity, brands: tuple[str, ...], campaigns: tuple[str, ...]
) -> BreakEven:
    found = read_one(
        """
        with wanted as (
            select unnest($brands) as brand
            union
            select brand from dim_campaigns
            where len($brands) = 0 and list_contains($campaigns, campaign_id)
        )

        select
            break_even(sum(revenue), sum(revenue_of_known_cost), sum(cost_of_goods)) as value,
            break_even_basis(sum(revenue), sum(revenue_of_known_cost)) as basis
        from dim_brands
        where
            brand in (select brand from wanted)
            or not exists (from wanted where brand <> $none)
        """,
        {"brands": list(brands), "campaigns": list(campaigns), "none": NONE_MEMBER},
    )
    return BreakEven(**found)
