-- Values that the exports name and that are found nowhere, with rows and money: codes of no influencer, regions, products,
-- brands and campaigns that their own tables do not have, sources without a channel, people who are in no list, words of no
-- meaning. Each with the nearest that is known, which is shown and never applied.

with

-- Not materialized: it is read often, each time a few of its columns, and would be kept in memory whole.
orders as not materialized (select * from {{ ref("stg_tracking_data") }}),

posts as (select * from {{ ref("stg_posts") }}),

payouts as (select * from {{ ref("stg_payouts") }}),

influencers as (select * from {{ ref("stg_influencers") }}),

influencer_keys as (select * from {{ ref("stg_influencer_keys") }}),

coupon_codes as (select * from {{ ref("core_coupon_codes") }}),

source_channels as (select * from {{ ref("core_source_channels") }}),

value_synonyms as (select * from {{ ref("value_synonyms") }}),

reasons as (select * from {{ ref("reasons") }}),

brand_names as (select * from {{ ref("stg_brand_names") }}),

region_names as (select * from {{ ref("stg_region_names") }}),

product_names as (select * from {{ ref("stg_product_names") }}),

campaign_names as (select * from {{ ref("stg_campaign_names") }}),

known_brands as (

    select distinct brand as name
    from brand_names
    where is_known

),

known_regions as (

    select distinct region as name
    from region_names
    where is_known

),

known_products as (

    select distinct product as name
    from product_names
    where is_known

),

known_campaigns as (

    select distinct campaign_id as name
    from {{ ref("stg_campaigns") }}
    where row_status = 'accepted'

    union

    select distinct campaign_name as name
    from {{ ref("stg_campaigns") }}
    where row_status = 'accepted'

),

known_people as (

    select influencer_id as name
    from influencers
    where row_status = 'accepted'

    union

    select handle as name
    from influencers
    where row_status = 'accepted' and handle is not null

    union

    select key as name
    from influencer_keys
    where row_status = 'accepted'

),

known_codes as (

    select unnest(string_split_regex(upper(coupon_codes), '{{ code_separators() }}')) as name
    from influencers
    where row_status = 'accepted'

    union

    select upper(key) as name
    from influencer_keys
    where row_status = 'accepted' and kind in ('coupon_code', 'other')

),

-- Codes of the shop itself, which no influencer should have.
shop_codes as (

    select coalesce(list(upper(spelling)), []) as codes
    from value_synonyms
    where field = 'coupon_code' and value = 'shop'

),

unknown_campaigns as (

    select distinct campaign_id
    from campaign_names
    where not is_known

),

accepted_orders as not materialized (

    select
        *,
        abs(revenue) as amount
    from orders
    where row_status = 'accepted'

),

mentions as (

    select
        'coupon_code' as field,
        'tracking_data' as raw_table,
        accepted_orders.coupon_code as value,
        case
            when max(coupon_codes.owners) > 1 then 'code_of_several'
            else 'code_of_nobody'
        end as reason_code,
        count(*) as rows,
        sum(accepted_orders.amount) as amount,
        min(accepted_orders.order_date) as first_date,
        max(accepted_orders.order_date) as last_date
    from accepted_orders
    cross join shop_codes
    left join coupon_codes
        on accepted_orders.coupon_code = coupon_codes.coupon_code
        and accepted_orders.order_date between coupon_codes.first_day and coupon_codes.last_day
    where
        accepted_orders.coupon_code is not null
        and accepted_orders.influencer_text is null
        and coupon_codes.influencer_id is null
        and not list_has_all(
            shop_codes.codes,
            list_filter(
                string_split_regex(upper(accepted_orders.coupon_code), '{{ code_separators() }}'), lambda code: code <> ''
            )
        )
    group by accepted_orders.coupon_code

    union all

    select
        'influencer' as field,
        'tracking_data' as raw_table,
        influencer_text as value,
        'influencer_not_found' as reason_code,
        count(*) as rows,
        sum(amount) as amount,
        min(order_date) as first_date,
        max(order_date) as last_date
    from accepted_orders
    where influencer_text is not null and influencer_id is null
    group by influencer_text

    union all

    select
        'influencer' as field,
        'posts' as raw_table,
        reject_value as value,
        'post_of_nobody' as reason_code,
        count(*) as rows,
        null as amount,
        min(post_date) as first_date,
        max(post_date) as last_date
    from posts
    where reject_code = 'orphan'
    group by reject_value

    union all

    select
        'influencer' as field,
        'payouts' as raw_table,
        reject_value as value,
        'payout_of_nobody' as reason_code,
        count(*) as rows,
        sum(total_payout) as amount,
        min(event_date) as first_date,
        max(event_date) as last_date
    from payouts
    where reject_code = 'orphan'
    group by reject_value

    union all

    select
        'region' as field,
        'tracking_data' as raw_table,
        region as value,
        'region_not_found' as reason_code,
        count(*) as rows,
        sum(amount) as amount,
        min(order_date) as first_date,
        max(order_date) as last_date
    from accepted_orders
    where region not in (select known_regions.name from known_regions) and exists (from known_regions)
    group by region

    union all

    select
        'product' as field,
        'tracking_data' as raw_table,
        product as value,
        'product_not_found' as reason_code,
        count(*) as rows,
        sum(amount) as amount,
        min(order_date) as first_date,
        max(order_date) as last_date
    from accepted_orders
    where
        product not in (select known_products.name from known_products)
        and product <> '{{ var("none_member") }}'
        and exists (from known_products)
    group by product

    union all

    select
        'brand' as field,
        'tracking_data' as raw_table,
        brand as value,
        'brand_not_found' as reason_code,
        count(*) as rows,
        sum(amount) as amount,
        min(order_date) as first_date,
        max(order_date) as last_date
    from accepted_orders
    where brand not in (select known_brands.name from known_brands) and exists (from known_brands)
    group by brand

    union all

    select
        'campaign' as field,
        'tracking_data' as raw_table,
        accepted_orders.campaign as value,
        'campaign_not_found' as reason_code,
        count(*) as rows,
        sum(accepted_orders.amount) as amount,
        min(accepted_orders.order_date) as first_date,
        max(accepted_orders.order_date) as last_date
    from accepted_orders
    inner join unknown_campaigns
        on accepted_orders.campaign = unknown_campaigns.campaign_id
    where exists (from known_campaigns)
    group by accepted_orders.campaign

    union all

    select
        'source' as field,
        'tracking_data' as raw_table,
        coalesce(accepted_orders.source || coalesce(' / ' || accepted_orders.medium, ''), '{{ var("none_member") }}') as value,
        'source_not_mapped' as reason_code,
        count(*) as rows,
        sum(accepted_orders.amount) as amount,
        min(accepted_orders.order_date) as first_date,
        max(accepted_orders.order_date) as last_date
    from accepted_orders
    inner join source_channels
        on accepted_orders.source is not distinct from source_channels.source
        and accepted_orders.medium is not distinct from source_channels.medium
    where not source_channels.is_known and accepted_orders.influencer_id is null
    group by accepted_orders.source, accepted_orders.medium

    union all

    select
        'status' as field,
        'tracking_data' as raw_table,
        status_text as value,
        'order_status_not_found' as reason_code,
        count(*) as rows,
        sum(amount) as amount,
        min(order_date) as first_date,
        max(order_date) as last_date
    from accepted_orders
    where status is null and status_text is not null
    group by status_text

    union all

    select
        'status' as field,
        'payouts' as raw_table,
        status_text as value,
        'payout_status_not_found' as reason_code,
        count(*) as rows,
        sum(total_payout) as amount,
        min(event_date) as first_date,
        max(event_date) as last_date
    from payouts
    where reject_code = 'unreadable' and reject_column = 'status'
    group by status_text

    union all

    select
        'currency' as field,
        raw_table,
        reject_value as value,
        'currency_not_converted' as reason_code,
        count(*) as rows,
        sum(amount) as amount,
        min(date_day) as first_date,
        max(date_day) as last_date
    from (
        select
            'tracking_data' as raw_table,
            reject_value,
            abs(revenue) as amount,
            order_date as date_day
        from orders
        where reject_code = 'other_currency'

        union all

        select
            'payouts' as raw_table,
            reject_value,
            total_payout as amount,
            event_date as date_day
        from payouts
        where reject_code = 'other_currency'
    ) as foreign_money
    group by raw_table, reject_value

),

known as (

    select
        'brand' as field,
        name
    from known_brands
    union all
    select
        'region' as field,
        name
    from known_regions
    union all
    select
        'product' as field,
        name
    from known_products
    union all
    select
        'campaign' as field,
        name
    from known_campaigns
    union all
    select
        'influencer' as field,
        name
    from known_people
    union all
    select
        'coupon_code' as field,
        name
    from known_codes

),

nearest as (

    select
        mentions.field,
        mentions.value,
        arg_max(known.name, (jaro_winkler_similarity(lower(mentions.value), lower(known.name)), known.name)) as nearest
    from mentions
    inner join known
        on mentions.field = known.field
        and jaro_winkler_similarity(lower(mentions.value), lower(known.name)) >= 0.85
    group by all

),

not_found as (

    select
        mentions.field,
        mentions.raw_table,
        mentions.value,
        mentions.reason_code,
        {{ reason_in_words("reasons.sentence", {"currency": "'" ~ var("currency") ~ "'"}) }} as reason,
        reasons.remedy,
        mentions.rows::bigint as rows,
        mentions.amount::decimal(18, 2) as amount,
        mentions.first_date,
        mentions.last_date,
        nearest.nearest
    from mentions
    left join reasons
        on mentions.reason_code = reasons.code
    left join nearest
        on mentions.field = nearest.field and mentions.value = nearest.value
    where mentions.value is not null

)

select * from not_found
