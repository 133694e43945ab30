"""Whether the spend and the revenue of the selected dates belong together."""

from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

from viewer.data.conditions import influencer_days
from viewer.data.options import options
from viewer.published import Identity, published_identity, read_one
from viewer.selection import Selection


class Timing(NamedTuple):
    """What `timing()` of the published file says of some dates.

    Attributes:
        other_revenue_share: Share of their revenue that belongs to spend before them, None without
            revenue of paid influencers.
        later_spend_share: Share of their spend whose revenue comes after them; None without spend.
        is_off: Whether either is so large that returns are not judged.
    """

    other_revenue_share: float | None
    later_spend_share: float | None
    is_off: bool


def timing(selection: Selection) -> Timing:
    """Whether the spend and the revenue of the selected dates belong together."""
    return _timing(published_identity(), selection)


@lru_cache(maxsize=256)
def _timing(identity: Identity, selection: Selection) -> Timing:
    first_day, last_day = options().whole
    ever = replace(
        selection,
        first_day=min(first_day, selection.first_day),
        last_day=max(last_day, selection.last_day),
    )
    chosen, parameters = influencer_days(ever)
    return Timing(
        **read_one(
            f"""
            with days as ({chosen})

            from timing('days', $period_first, $period_last)
            """,
            parameters | {"period_first": selection.first_day, "period_last": selection.last_day},
        )
    )
