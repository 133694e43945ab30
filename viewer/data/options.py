"""What the filters can choose from."""

from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

import pandas as pd

from viewer.data.catalogue import NONE_MEMBER
from viewer.dimensions import DIMENSIONS, Dimension
from viewer.periods import Period
from viewer.published import Identity, published_identity, read
from viewer.selection import OWN_TRAITS


@dataclass(frozen=True)
class Options:
    """What the filters can choose from, in the order to show it.

    Attributes:
        first_day: First day of the data.
        last_day: Last day of the data.
        periods: Named periods: the quarter and the fiscal year of the last day.
        labels: Names to show by member, (none) last, by filter.
        own_traits: What a persona of one's own can ask for, by trait.
        regions: Regions in which experiments were treated.
        methods: Methods that experiments were measured by.
    """

    first_day: date
    last_day: date
    periods: dict[str, Period] = field(default_factory=dict)
    labels: dict[str, dict[str, str]] = field(default_factory=dict)
    own_traits: dict[str, list[str]] = field(default_factory=dict)
    regions: list[str] = field(default_factory=list)
    methods: list[str] = field(default_factory=list)

    @property
    def whole(self) -> Period:
        """First and last day of the data."""
        return self.first_day, self.last_day


def options() -> Options:
    """What the filters can choose from."""
    return _options(published_identity())


@lru_cache(maxsize=2)
def _options(identity: Identity) -> Options:
    period = read(
        """
        with days as (
            select date_day from fct_influencer_days
            union all
            select date_day from fct_revenue_days
        ),

        ends as (
            select
                coalesce(min(date_day), current_date) as first_day,
                coalesce(max(date_day), current_date) as last_day
            from days
        ),

        calendar as (
            select
                date_day,
                quarter,
                min(date_day) over (partition by fiscal_year) as fiscal_year_start
            from dim_dates
        )

        select ends.*, calendar.quarter, calendar.fiscal_year_start
        from ends
        left join calendar on ends.last_day = calendar.date_day
        """
    ).iloc[0]
    first_day, last_day = period["first_day"].date(), period["last_day"].date()
    starts = {"Quarter": period["quarter"], "Fiscal year": period["fiscal_year_start"]}
    return Options(
        first_day=first_day,
        last_day=last_day,
        periods={
            name: (max(start.date(), first_day), last_day)
            for name, start in starts.items()
            if not pd.isna(start)
        },
        labels={name: _labels(dimension) for name, dimension in DIMENSIONS.items()},
        own_traits={trait: _members("dim_influencers", trait) for trait in OWN_TRAITS},
        regions=_regions(),
        methods=_members("fct_incremental_roas", "method"),
    )


def _labels(dimension: Dimension) -> dict[str, str]:
    if dimension.label_column:
        return labels(dimension.mart, dimension.column, dimension.label_column)
    members = _members(dimension.mart, dimension.column, dimension.order)
    return dict(zip(members, members, strict=True))


def _members(mart: str, column: str, order: str | None = None) -> list[str]:
    """Members of a column, (none) last; by name, or by an aggregate."""
    rows = read(
        f"""
        select {column} as member
        from {mart}
        where {column} is not null
        group by {column}
        order by {column} = $none, {f"{order}," if order else ""} {column}
        """,
        {"none": NONE_MEMBER},
    )
    return list(rows["member"])


def labels(dimension: str, key: str, name: str) -> dict[str, str]:
    """Names to show by key, (none) last; a name that several keys have is followed by its key."""
    rows = read(
        f"""
        select
            {key} as key,
            if(
                count(*) over (partition by {name}) = 1 and {name} is not null,
                {name},
                coalesce({name} || ' ', '') || '(' || {key} || ')'
            ) as label
        from {dimension}
        order by {key} = $none, label, {key}
        """,
        {"none": NONE_MEMBER},
    )
    return dict(zip(rows["key"], rows["label"], strict=True))


def _regions() -> list[str]:
    rows = read(
        """
        select distinct region
        from dim_experiment_regions
        where assignment = 'treatment'
        order by region
        """
    )
    return list(rows["region"])
