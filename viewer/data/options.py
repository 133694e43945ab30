"""What the filters can choose from."""

from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

from viewer.data.catalogue import NONE_MEMBER, settings
from viewer.dimensions import DIMENSIONS, Dimension
from viewer.periods import Period, named_periods, overlap
from viewer.published import Identity, published_identity, read, read_one, read_rows
from viewer.selection import OWN_TRAITS


@dataclass(frozen=True)
class Options:
    """What the filters can choose from, in the order to show it.

    Attributes:
        first_day: First day of the data.
        last_day: Last day of the data.
        periods: Month, quarter and fiscal year to the last day and those before, by name.
        festivals: Names of festivals and sales with their days in the data, latest first.
        labels: Names to show by member, (none) last, by filter.
        brands: Brand by campaign.
        own_traits: What a persona of one's own can ask for, by trait.
        regions: Regions in which experiments were treated.
        methods: Methods that experiments were measured by.
    """

    first_day: date
    last_day: date
    periods: dict[str, Period] = field(default_factory=dict)
    festivals: list[tuple[str, Period]] = field(default_factory=list)
    labels: dict[str, dict[str, str]] = field(default_factory=dict)
    brands: dict[str, str] = field(default_factory=dict)
    own_traits: dict[str, list[str]] = field(default_factory=dict)
    regions: list[str] = field(default_factory=list)
    methods: list[str] = field(default_factory=list)

    @property
    def whole(self) -> Period:
        """First and last day of the data."""
        return self.first_day, self.last_day


_BRANDS = "select campaign_id, brand from dim_campaigns"


def options() -> Options:
    """What the filters can choose from."""
    return _options(published_identity())


@lru_cache(maxsize=2)
def _options(identity: Identity) -> Options:
    whole = _whole_period()
    named = named_periods(whole[1], settings().fiscal_year_start_month)
    return Options(
        *whole,
        periods={name: days for name, of in named.items() if (days := overlap(of, whole))},
        festivals=_festivals(whole),
        labels={name: _labels(dimension) for name, dimension in DIMENSIONS.items()},
        brands={row["campaign_id"]: row["brand"] for row in read_rows(_BRANDS)},
        own_traits={trait: _members("dim_influencers", trait) for trait in OWN_TRAITS},
        regions=_regions(),
        methods=_members("fct_incremental_roas", "method"),
    )


def _whole_period() -> Period:
    days = read_one(
        """
        select
            coalesce(min(date_day), current_date) as first_day,
            coalesce(max(date_day), current_date) as last_day
        from (
            select date_day from fct_influencer_days
            union all
            select date_day from fct_revenue_days
        )
        """
    )
    return days["first_day"], days["last_day"]


def _festivals(whole: Period) -> list[tuple[str, Period]]:
    rows = read_rows(
        """
        with named as (
            select
                date_day,
                unnest(string_split(concat_ws(', ', festival, sale_event), ', ')) as name
            from dim_dates
            where date_day between $first_day and $last_day and coalesce(festival, sale_event) <> ''
        ),

        -- Days in a row have the same difference to their number.
        numbered as (
            select
                *,
                date_day - row_number() over (partition by name order by date_day)::integer as run
            from named
        )

        select name, min(date_day) as first_day, max(date_day) as last_day
        from numbered
        group by name, run
        order by first_day desc, name
        """,
        {"first_day": whole[0], "last_day": whole[1]},
    )
    return [(row["name"], (row["first_day"], row["last_day"])) for row in rows]


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
