-- Fails for a table of the core in which the stated grain does not hold.
{%- set grains = {
    "core_influencers": ["influencer_id"],
    "core_coupon_codes": ["coupon_code", "first_day"],
    "core_regions": ["region"],
    "core_campaigns": ["campaign_id"],
    "core_campaign_regions": ["campaign_id", "region"],
    "core_test_plans": ["campaign_id"],
    "core_campaign_influencers": ["campaign_id", "influencer_id"],
    "core_running_campaigns": ["influencer_id", "brand", "date_day"],
    "core_posts": ["post_id"],
    "core_orders": ["transaction_id", "line_id"],
    "core_source_channels": ["source", "medium"],
    "core_payout_lines": ["payout_line_id"],
    "core_activity": ["influencer_id"],
    "core_spend": ["payout_line_id", "date_day", "campaign_id", "brand", "post_id"],
} %}
{%- for model, grain in grains.items() %}
(
    select
        '{{ model }}' as model,
        concat_ws(' | ', {{ grain | join(", ") }}) as member
    from {{ ref(model) }}
    group by {{ grain | join(", ") }}
    having count(*) > 1
)
{{ "union all" if not loop.last }}
{%- endfor %}
