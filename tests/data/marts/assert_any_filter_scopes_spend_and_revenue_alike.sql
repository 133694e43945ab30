-- Fails for a filter (platform, persona, brand, campaign, month) whose members together do not have the portfolio's spend and
-- attributed revenue: every rupee of both lies in exactly one member of each filter.
{%- set filters = ["platform", "persona", "brand", "campaign_id", "month"] %}

with

days as (

    select
        influencers.platform,
        influencers.persona,
        days.brand,
        days.campaign_id,
        dates.month::varchar as month,
        days.spend,
        days.attributed_revenue
    from {{ ref("fct_influencer_days") }} as days
    inner join {{ ref("dim_influencers") }} as influencers using (influencer_id)
    inner join {{ ref("dim_dates") }} as dates using (date_day)

),

spent as (

    select coalesce(sum(amount), 0) as spend
    from {{ ref("core_payout_lines") }}

),

attributed as (

    select coalesce(sum(revenue), 0) as attributed_revenue
    from {{ ref("core_orders") }}
    where channel = 'influencer'

),

portfolio as (

    select
        spent.spend,
        attributed.attributed_revenue
    from spent
    cross join attributed

),

members as (
    {% for filter in filters %}
    select
        '{{ filter }}' as filter,
        {{ filter }} as member,
        sum(spend) as spend,
        sum(attributed_revenue) as attributed_revenue
    from days
    group by all
    {{ "union all" if not loop.last }}
    {% endfor %}
)

select
    members.filter,
    sum(members.spend) as spend,
    sum(members.attributed_revenue) as attributed_revenue
from members
cross join portfolio
group by members.filter, portfolio.spend, portfolio.attributed_revenue
having
    sum(members.spend) <> portfolio.spend
    or sum(members.attributed_revenue) <> portfolio.attributed_revenue
