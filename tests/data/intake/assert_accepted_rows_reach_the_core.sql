-- Fails for a raw table whose accepted rows do not all become rows of the core, or become several. Products and keys are left
-- out: the core has none of its own; influencers, since one may have a row for each platform. So are figures of geo tests:
-- those of geos without assignment, or outside the periods, do not count.
{%- set where = {
    "campaigns": "campaign_id in (select campaign_id from " ~ ref("stg_campaigns") ~ " where row_status = 'accepted')",
    "regions": "region in (select region from " ~ ref("stg_regions") ~ " where row_status = 'accepted')",
    "geo_experiments": "source = 'geo test'",
    "geo_assignments": "experiment_id in (select experiment_id from " ~ ref("core_experiments") ~ " where source = 'geo test')",
} %}

with

accepted as (

    select
        raw_table,
        rows_accepted
    from {{ ref("rpt_data_health") }}
    where raw_table not in ('influencers', 'influencer_keys', 'products', 'geo_panel', '{{ var("none_member") }}')

),

arrived as (

    {% for raw_table, (model, key) in {
        "posts": ("core_posts", "post_id"),
        "tracking_data": ("core_orders", "transaction_id || '|' || line_id"),
        "payouts": ("core_payout_lines", "payout_id"),
        "campaigns": ("core_campaigns", "campaign_id"),
        "campaign_regions": ("core_campaign_regions", "campaign_id || '|' || region"),
        "test_plans": ("core_test_plans", "campaign_id"),
        "regions": ("core_regions", "region"),
        "geo_experiments": ("core_experiments", "geo_experiment_id"),
        "geo_assignments": ("core_experiment_geos", "experiment_id || '|' || geo"),
    }.items() %}
    select
        '{{ raw_table }}' as raw_table,
        -- A payout becomes several lines; everything else one row.
        count({{ "distinct " ~ key if raw_table == "payouts" else "*" }}) as rows_arrived,
        count(distinct {{ key }}) as keys_arrived
    from {{ ref(model) }}
    -- Of those that other tables make or name as well, the table's own.
    where {{ where.get(raw_table, "true") }}
    {{ "union all" if not loop.last }}
    {% endfor %}

)

select *
from accepted
full join arrived using (raw_table)
where
    rows_accepted is distinct from rows_arrived
    or rows_accepted is distinct from keys_arrived
