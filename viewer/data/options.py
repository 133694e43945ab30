"""What the filters can choose from."""

from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

import pandas as pd

from viewer.data.catalogue import NONE_MEMBER
from viewer.published import Identity, published_identity, read
from viewer.selection import Period


@dataclass(frozen=True)
class Options:
    """What the filters can choose from, in the order to show it.

    Attributes:
        first_day: First day of the data.
        last_day: Last day of the data.
        periods: Named periods: the quarter and the fiscal year of the last day.
        platforms: Platforms that influencers have.
        personas: Personas that influencers have.
        tiers: Tiers that influencers have, smallest first.
        categories: Categories that influencers have.
        genders: Genders that influencers have.
        languages: Languages that influencers have.
        influencers: Name to show by influencer id.
        brands: Brands, (none) last.
        campaigns: Name to show by campaign id, (none) last.
        regions: Regions in which experiments were treated.
        methods: Methods that experiments were measured by.
        most_followers: Followers of the largest influencer.
    """

    first_day: date
    last_day: date
    periods: dict[str, Period] = field(default_factory=dict)
    platforms: list[str] = field(default_factory=list)
    personas: list[str] = field(default_factory=list)
    tiers: list[str] = field(default_factory=list)
    categories: list[str] = field(default_factory=list)
    genders: list[str] = field(default_factory=list)
    languages: list[str] = field(default_factory=list)
    influencers: dict[str, str] = field(default_factory=dict)
    brands: list[str] = field(default_factory=list)
    campaigns: dict[str, str] = field(default_factory=dict)
    regions: list[str] = field(default_factory=list)
    methods: list[str] = field(default_factory=list)
    most_followers: int = 0


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
        platforms=_members("dim_influencers", "platform"),
        personas=_members("dim_influencers", "persona"),
        tiers=_members("dim_influencers", "tier", "min(follower_count)"),
        categories=_members("dim_influencers", "category"),
        genders=_members("dim_influencers", "gender"),
        languages=_members("dim_influencers", "language"),
        influencers=labels("dim_influencers", "influencer_id", "influencer_name"),
        brands=_members("dim_brands", "brand"),
        campaigns=labels("dim_campaigns", "campaign_id", "campaign_name"),
        regions=_regions(),
        methods=_members("fct_incremental_roas", "method"),
        most_followers=_most_followers(),
    )


def _members(mart: str, column: str, order: str = "") -> list[str]:
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


def _most_followers() -> int:
    rows = read("select coalesce(max(follower_count), 0) as most from dim_influencers")
    return int(rows["most"][0])
