"""Whether the spend and the revenue of the selected dates belong together."""

from functools import lru_cache
from typing import NamedTuple

from viewer.data.conditions import ever, influencer_days
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
    chosen, parameters = influencer_days(ever(selection))
    return Timing(
        **read_one(
            f"""
            with days as ({chosen})

            from timing('days', $period_first, $period_last, days_after := $days_after)
            """,
            parameters
            | {
                "period_first": selection.first_day,
                "period_last": selection.last_day,
                "days_after": selection.days_after,
            },
        )
    )
