-- The channel of each source and medium that orders come from. A rule for both wins over one for the medium, and that over one
-- for the source. "google / cpc" is source and medium in one.

with

orders as (

    select * from {{ ref("stg_tracking_data") }}
    where row_status = 'accepted'

),

channel_map as (select * from {{ ref("channel_map") }}),

sources as (

    select distinct
        source,
        medium
    from orders

),

split as (

    select
        source,
        medium,
        case
            when medium is null and source like '% / %' then {{ normalize_name("split_part(source, ' / ', 1)") }}
            else {{ normalize_name("source") }}
        end as source_key,
        case
            when medium is null and source like '% / %' then {{ normalize_name("split_part(source, ' / ', 2)") }}
            -- A medium may say the source again: "google / cpc".
            when medium like '% / %' then {{ normalize_name("split_part(medium, ' / ', 2)") }}
            else {{ normalize_name("medium") }}
        end as medium_key
    from sources

),

rules as (

    select
        {{ normalize_name("source") }} as source_key,
        {{ normalize_name("medium") }} as medium_key,
        channel
    from channel_map

),

channels as (

    select
        split.source,
        split.medium,
        coalesce(by_both.channel, by_medium.channel, by_source.channel, 'other') as channel,
        coalesce(by_both.channel, by_medium.channel, by_source.channel) is not null as is_known
    from split
    left join rules as by_both
        on split.source_key = by_both.source_key
        and split.medium_key = by_both.medium_key
    left join rules as by_medium
        on split.medium_key = by_medium.medium_key
        and by_medium.source_key is null
    left join rules as by_source
        on split.source_key = by_source.source_key
        and by_source.medium_key is null

)

select * from channels
