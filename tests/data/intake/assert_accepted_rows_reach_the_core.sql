-- Fails for a raw table whose accepted rows do not all become rows of the core, or become several. Products are left out: the
-- core has none of its own.
with

accepted as (

    select
        raw_table,
        rows_accepted
    from {{ ref("rpt_data_health") }}
    where raw_table <> 'products' and raw_table not like 'geo%'

),

arrived as (

    {% for raw_table, (model, key) in {
        "influencers": ("core_influencers", "influencer_id"),
        "posts": ("core_posts", "post_id"),
        "tracking_data": ("core_orders", "transaction_id || '|' || product"),
        "payouts": ("core_payout_lines", "payout_id"),
        "campaigns": ("core_campaigns", "campaign_id"),
        "campaign_regions": ("core_campaign_regions", "campaign_id || '|' || region"),
        "regions": ("core_regions", "region"),
    }.items() %}
    select
        '{{ raw_table }}' as raw_table,
        -- A payout becomes several lines; everything else one row.
        count({{ "distinct " ~ key if raw_table == "payouts" else "*" }}) as rows_arrived,
        count(distinct {{ key }}) as keys_arrived
    from {{ ref(model) }}
    {%- if raw_table in ["campaigns", "regions"] %}
    -- Others are made from what other tables name.
    where {{ key }} in (select {{ key }} from {{ ref("stg_" ~ raw_table) }})
    {%- endif %}
    {{ "union all" if not loop.last }}
    {% endfor %}

)

select *
from accepted
full join arrived using (raw_table)
where
    rows_accepted is distinct from rows_arrived
    or rows_accepted is distinct from keys_arrived
