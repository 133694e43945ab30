"""The truth of a world: what each order, post, influencer, campaign and experiment really earned.

Every table is a sum over the plan's segments. Revenue counts as in the books: after discount, net
of the returns and refusals known on the last day. Orders that a post pulled forward count against
it, on the day on which they would have come.
"""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from simulate.campaigns import Campaigns
from simulate.catalogue import BRAND_NAMES, BRANDS, NO_MEMBER, REGIONS
from simulate.curves import LEVERS, MULTIPLES, response_surface
from simulate.demand import Baseline
from simulate.orders import OrderLines, Sales
from simulate.payouts import Payouts
from simulate.people import PLATFORMS, Influencers
from simulate.plan import INCREMENTAL, Kind, Plan
from simulate.posts import Posts
from simulate.settings import Settings
from simulate.write import Folder, Writer, stream

NO_KEY = "(none)"
# Sums that every table has, over segments.
MEASURES = """
    coalesce(sum(incremental_orders), 0)::bigint as incremental_orders,
    rupees(sum(incremental_revenue)) as incremental_revenue,
    rupees(sum(attributed_revenue)) as attributed_revenue,
"""
ORDERS = (
    "select 'TXN' || (1000000000 + number) as transaction_id, * exclude (number) from source_rows"
)
POSTS = f"""
    select
        posts.post_id, posts.influencer_id, posts.campaign_id, posts.persona, {MEASURES}
    from posts
    left join segments using (post_id)
    group by all
    order by post_id
"""
# What is paid belongs to an influencer and campaign, so both meet there.
INFLUENCER_CAMPAIGNS = f"""
    with earned as (
        select posts.influencer_id, posts.campaign_id, posts.persona, {MEASURES}
        from posts
        left join segments using (post_id)
        group by all
    ),

    paid as (
        select influencer_id, campaign_id, rupees(sum(paise)) as spend from payouts group by all
    )

    select earned.*, coalesce(paid.spend, 0)::decimal(18, 2) as spend,
    from earned
    left join paid using (influencer_id, campaign_id)
    order by influencer_id, campaign_id
"""
ROLL_UP = """
    select
        {key},
        sum(incremental_orders)::bigint as incremental_orders,
        sum(incremental_revenue)::decimal(18, 2) as incremental_revenue,
        sum(attributed_revenue)::decimal(18, 2) as attributed_revenue,
        sum(spend)::decimal(18, 2) as spend,
        sum(incremental_revenue)::double / nullif(sum(spend), 0)::double as iroas,
    from influencer_campaigns
    group by all
    order by all
"""
EXPERIMENT_DAYS = """
    with days as (
        select
            campaign_id,
            brand,
            unnest(generate_series(start_date, cooldown_end, interval 1 day))::date as date,
        from experiments
    )

    select
        days.campaign_id,
        days.date,
        rupees(sum(revenue) filter (role = 'treatment')) as revenue,
        rupees(sum(caused) filter (role = 'treatment')) as incremental_revenue,
        rupees(sum(caused) filter (role = 'control')) as spilled_into_control,
        rupees(sum(caused) filter (role is null)) as spilled_elsewhere,
    from days
    left join segments
        on days.brand = segments.brand
        and days.date = segments.date
    left join campaign_regions
        on days.campaign_id = campaign_regions.campaign_id
        and segments.region = campaign_regions.region
    cross join lateral (
        select
            case when segments.campaign_id = days.campaign_id then incremental_revenue else 0 end
                as caused
    )
    group by all
    order by all
"""
EXPERIMENTS = """
    with spend as (
        select campaign_id, sum(spend) as spend from influencer_campaigns group by campaign_id
    )

    select
        experiments.*,
        sum(days.revenue)::decimal(18, 2) as revenue,
        sum(days.incremental_revenue)::decimal(18, 2) as incremental_revenue,
        sum(days.spilled_into_control)::decimal(18, 2) as spilled_into_control,
        sum(days.spilled_elsewhere)::decimal(18, 2) as spilled_elsewhere,
        sum(days.incremental_revenue)::double
        / nullif(sum(days.revenue) - sum(days.incremental_revenue), 0)::double as lift,
        coalesce(any_value(spend.spend), 0)::decimal(18, 2) as spend,
        sum(days.incremental_revenue)::double / nullif(any_value(spend.spend), 0)::double as iroas,
    from experiments
    left join experiment_days as days using (campaign_id)
    left join spend using (campaign_id)
    group by all
    order by campaign_id
"""
REGION_DAYS = """
    with sold as (
        select
            date, region, brand,
            sum(baseline_orders) as baseline_orders,
            sum(baseline_revenue) as baseline_revenue,
            sum(incremental_revenue) as incremental_revenue,
        from segments
        group by all
    )

    select
        date, region, brand, expected.expected_baseline_orders,
        coalesce(baseline_orders, 0)::bigint as baseline_orders,
        rupees(baseline_revenue) as baseline_revenue,
        rupees(incremental_revenue) as incremental_revenue,
        rupees(baseline_revenue + incremental_revenue) as revenue,
    from expected
    left join sold using (date, region, brand)
    order by all
"""


def write_truth(
    writer: Writer,
    folder: Folder,
    settings: Settings,
    influencers: Influencers,
    campaigns: Campaigns,
    posts: Posts,
    baseline: Baseline,
    plan: Plan,
    lines: OrderLines,
    payouts: Payouts,
    truths: Iterator[pa.RecordBatch],
) -> None:
    """Write all tables of the truth; `docs/simulation.md` lists their columns.

    Args:
        writer: Format and database.
        folder: Where to.
        settings: The world.
        influencers: The influencers.
        campaigns: The campaigns.
        posts: The posts.
        baseline: Demand without them.
        plan: The orders.
        lines: The order lines, after all of them were made.
        payouts: What influencers were paid.
        truths: The truth of each order line.
    """
    first_day = np.datetime64(settings.start)
    tables = {
        "segments": _segments(plan, lines.sales, posts, campaigns, first_day),
        "posts": _posts(posts, influencers, campaigns),
        "payouts": pa.table(
            {
                "influencer_id": pa.array(influencers.influencer_id[payouts.influencer]),
                "campaign_id": _campaign_ids(campaigns, payouts.campaign),
                "paise": payouts.spend,
            }
        ),
        "experiments": _experiments(campaigns, first_day),
        "campaign_regions": campaigns.regions_table(),
        "expected": _expected(baseline, first_day),
    }
    run = writer.connection.execute
    for name, table in tables.items():
        writer.connection.register(name, table)
    run(
        "create or replace temp macro rupees(paise) as"
        " (coalesce(paise, 0)::bigint / 100)::decimal(18, 2)"
    )
    writer.write(folder, "orders", stream(truths), ORDERS)
    writer.write(folder, "posts", select=POSTS)
    writer.write(folder, "region_days", select=REGION_DAYS)
    run(f"create or replace temp table influencer_campaigns as {INFLUENCER_CAMPAIGNS}")
    writer.write(folder, "influencer_campaigns", select="from influencer_campaigns")
    for name, key in {
        "influencers": "influencer_id, persona",
        "personas": "persona",
        "campaigns": "campaign_id",
        "portfolio": "'portfolio' as scope",
    }.items():
        writer.write(folder, name, select=ROLL_UP.format(key=key))
    run(f"create or replace temp table experiment_days as {EXPERIMENT_DAYS}")
    writer.write(folder, "experiment_days", select="from experiment_days")
    writer.write(folder, "experiments", select=EXPERIMENTS)
    curves = _curves(settings, influencers, campaigns, posts, baseline, plan, lines.sales)
    writer.write(folder, "response_curves", curves)
    for name in tables:
        writer.connection.unregister(name)


def order_value(plan: Plan, sales: Sales) -> NDArray[np.float64]:
    """What an incremental order of each brand brings, of all that came.

    Args:
        plan: The orders.
        sales: What they came to, after all lines were made.

    Returns:
        Shape (brands,); rupees, 0 where none came.
    """
    caused = np.isin(plan.kind, INCREMENTAL)
    revenue = np.bincount(plan.brand[caused], sales.revenue[caused], len(BRANDS)) / 100
    orders = np.bincount(plan.brand[caused], plan.count[caused], len(BRANDS))
    return np.asarray(revenue / np.maximum(orders, 1))


def members_of_posts(
    by: str, influencers: Influencers, posts: Posts
) -> tuple[list[str], NDArray[np.int64]]:
    """Names of the members of platform, persona or brand, and whose each post is.

    Args:
        by: The dimension.
        influencers: The influencers.
        posts: The posts.

    Returns:
        The names, and for each post the number of its member.
    """
    if by == "brand":
        return [str(name) for name in BRAND_NAMES], posts.brand
    if by == "platform":
        return list(PLATFORMS), influencers.platform[posts.influencer]
    names, number = np.unique(influencers.persona.astype(str), return_inverse=True)
    return [str(name) for name in names], number[posts.influencer]


def _curves(
    settings: Settings,
    influencers: Influencers,
    campaigns: Campaigns,
    posts: Posts,
    baseline: Baseline,
    plan: Plan,
    sales: Sales,
) -> pa.Table:
    """What each member would bring at other multiples of its money, while all others stay."""
    value = order_value(plan, sales)
    parts = []
    for by in ("brand", "persona", "platform"):
        names, member = members_of_posts(by, influencers, posts)
        surface = response_surface(settings, influencers, campaigns, posts, baseline, value, member)
        for lever, power in LEVERS.items():
            curves = surface.alone(MULTIPLES**power)
            parts.append(
                pa.table(
                    {
                        "dimension": pa.array(np.repeat(by, curves.size), pa.string()),
                        "member": pa.array(np.repeat(names[: surface.size], len(MULTIPLES))),
                        "lever": pa.array(np.repeat(lever, curves.size), pa.string()),
                        "multiple": np.tile(MULTIPLES, surface.size),
                        "incremental_revenue": pa.array(np.round(curves.ravel(), 2)),
                    }
                )
            )
    return pa.concat_tables(parts)


def _segments(
    plan: Plan,
    sales: Sales,
    posts: Posts,
    campaigns: Campaigns,
    first_day: np.datetime64,
) -> pa.Table:
    """One row a segment, with what it means for the counterfactual."""
    is_caused = (plan.kind == Kind.ATTRIBUTED) | (plan.kind == Kind.HALO)
    is_pulled = plan.kind == Kind.PULLED
    sign = is_caused.astype(np.int64) - is_pulled
    has_code = (plan.kind == Kind.ATTRIBUTED) | (plan.kind == Kind.LEAKED)
    campaign = np.append(posts.campaign, NO_MEMBER)[plan.post]
    return pa.table(
        {
            "date": first_day + plan.day,
            "region": _named(plan.region, REGIONS.region),
            "brand": _named(plan.brand, BRAND_NAMES),
            "post_id": _named(plan.post, posts.post_id),
            "campaign_id": _named(campaign, campaigns.campaign_id),
            "revenue": np.where(is_pulled, 0, sales.revenue),
            "incremental_orders": sign * plan.count,
            "incremental_revenue": sign * sales.revenue,
            "attributed_revenue": np.where(has_code, sales.revenue, 0),
            "baseline_orders": np.where(is_caused, 0, plan.count),
            "baseline_revenue": np.where(is_caused, 0, sales.revenue),
        }
    )


def _posts(posts: Posts, influencers: Influencers, campaigns: Campaigns) -> pa.Table:
    return pa.table(
        {
            "post_id": pa.array(posts.post_id, pa.string()),
            "influencer_id": pa.array(influencers.influencer_id[posts.influencer], pa.string()),
            "campaign_id": _campaign_ids(campaigns, posts.campaign),
            "persona": pa.array(influencers.persona[posts.influencer], pa.string()),
        }
    )


def _experiments(campaigns: Campaigns, first_day: np.datetime64) -> pa.Table:
    """Campaigns with control regions."""
    rows = [row for row, campaign in enumerate(campaigns.plan) if campaign.is_regional]
    plan = [campaigns.plan[row] for row in rows]

    def dates(name: str) -> pa.Array:
        days = np.array([getattr(campaign, name) for campaign in plan], dtype=np.int64)
        return pa.array(first_day + days)

    return pa.table(
        {
            "campaign_id": pa.array(campaigns.campaign_id[rows], pa.string()),
            "brand": pa.array([BRAND_NAMES[campaign.brand] for campaign in plan], pa.string()),
            "start_date": dates("start"),
            "end_date": dates("end"),
            "cooldown_end": dates("cooldown_end"),
        }
    )


def _expected(baseline: Baseline, first_day: np.datetime64) -> pa.Table:
    region, brand, day = (axis.ravel() for axis in np.indices(baseline.expected.shape))
    return pa.table(
        {
            "date": first_day + day,
            "region": _named(region, REGIONS.region),
            "brand": _named(brand, BRAND_NAMES),
            "expected_baseline_orders": baseline.expected.ravel(),
        }
    )


def _campaign_ids(campaigns: Campaigns, rows: NDArray[np.int64]) -> pa.Array:
    return pa.array(campaigns.ids(rows, NO_KEY), pa.string())


def _named(rows: NDArray[np.int64], names: NDArray[np.object_]) -> pa.DictionaryArray:
    """Names by row number; none for -1."""
    codes = pa.array(rows, mask=rows == NO_MEMBER)
    return pa.DictionaryArray.from_arrays(codes, pa.array(names, pa.string()))
