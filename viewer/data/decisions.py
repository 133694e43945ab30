"""What to do about influencers, personas or campaigns: decisions of the published file."""

from collections.abc import Sequence

import pandas as pd

from viewer.data.conditions import influencer_days
from viewer.data.performance import figures_of
from viewer.dimensions import DIMENSIONS
from viewer.published import read
from viewer.selection import DEFAULT_METHOD, Selection

DECISIONS = ("raise", "keep", "test", "stop")
# Where the names of members are; those of personas are their keys.
_NAMED = {
    "influencer": ("dim_influencers", "influencer_name"),
    "campaign": ("dim_campaigns", "campaign_name"),
}


def decisions(
    selection: Selection,
    by: str,
    method: str = DEFAULT_METHOD,
    false_discovery_rate: float | None = None,
) -> pd.DataFrame:
    """What to do about each member of a dimension that has spend.

    Args:
        selection: What the filters choose.
        by: Name of a dimension.
        method: As in `performance`.
        false_discovery_rate: Share of the decisions to raise or stop that may be wrong; None to
            judge each member by itself.

    Returns:
        The dimension's column and label, what to call the member; the columns of `performance()`
        and `decisions()` of the published file. Raise, keep and test by falling incremental ROAS,
        stop by rising upper bound: the surest loss first.
    """
    column = DIMENSIONS[by].column
    chosen, parameters = influencer_days(selection, (column,))
    sql, added = figures_of(chosen, selection, (column,), method)
    mart, label = _NAMED.get(by, ("", column))
    return read(
        f"""
        with figures as (from ({sql}) where spend > 0)

        select coalesce({label}, {column}) as label, decided.*
        from decisions('figures', false_discovery_rate := $false_discovery_rate) as decided
        {f"left join (select {column}, {label} from {mart}) using ({column})" if mart else ""}
        order by
            list_position($decisions, decision),
            if(decision = 'stop', iroas_high, null) nulls last,
            iroas desc nulls last,
            spend desc,
            {column}
        """,
        parameters
        | added
        | {"false_discovery_rate": false_discovery_rate, "decisions": list(DECISIONS)},
    )


def decision_totals(
    selection: Selection, by: str, decided: pd.DataFrame, method: str = DEFAULT_METHOD
) -> pd.DataFrame:
    """Figures of all members together about whom the decision is the same.

    Members share errors, so that bounds do not add up.

    Args:
        selection: What the filters choose.
        by: Name of a dimension.
        decided: Rows of `decisions`.
        method: As in `performance`.

    Returns:
        decision; the columns of `performance()`; members, their number.
    """
    column = DIMENSIONS[by].column
    members: Sequence[str] = decided[column].tolist()
    chosen, parameters = influencer_days(selection, (column,))
    grouped = f"""
        select days.*, decision
        from ({chosen}) as days
        inner join (select unnest($members) as {column}, unnest($of_members) as decision)
            using ({column})
    """
    sql, added = figures_of(grouped, selection, ("decision",), method)
    totals = read(
        f"from ({sql}) order by list_position($decisions, decision)",
        parameters
        | added
        | {
            "members": members,
            "of_members": decided["decision"].tolist(),
            "decisions": list(DECISIONS),
        },
    )
    return totals.assign(members=totals["decision"].map(decided["decision"].value_counts()))
