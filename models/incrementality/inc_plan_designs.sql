-- Regions that a campaign could treat. Whatever is taken evenly out of the row of a brand's regions is alike to what is left:
-- every second to eighth region, or one of each pair of neighbours. And every language, as creators speak one.
{%- set share_of_regions = [2, 3, 4, 5, 6, 7, 8] %}

with

in_a_row as (select * from {{ ref("inc_plan_row") }}),

steps as (select unnest([{{ share_of_regions | join(", ") }}]) as step),

masks as (select unnest(range(1, 32)) as mask),

every_nth as (

    select
        in_a_row.brand,
        'every ' || steps.step || case steps.step when 2 then 'nd' when 3 then 'rd' else 'th' end
        || ' region, from number ' || (in_a_row.place % steps.step + 1) as design_id,
        'even' as kind,
        in_a_row.region
    from in_a_row
    cross join steps
    where in_a_row.regions > steps.step

),

-- Of pairs of neighbours in the row one is treated: which of them is the parity of the number of the pair under a mask
-- (Walsh 1923), so that no two designs choose alike in more than half of the pairs.
paired as (

    select
        in_a_row.brand,
        'one of each pair, ' || masks.mask as design_id,
        'paired' as kind,
        in_a_row.region
    from in_a_row
    cross join masks
    where
        in_a_row.regions >= 4
        and (in_a_row.place + bit_count((in_a_row.place // 2)::integer & masks.mask::integer)) % 2 = 0
        and (in_a_row.place // 2) * 2 + 1 < in_a_row.regions
        -- Bits beyond the last pair make no other design.
        and masks.mask < 2 ^ ceil(log2(in_a_row.regions // 2))

),

of_languages as (

    select
        brand,
        'regions of ' || language as design_id,
        'language' as kind,
        region
    from in_a_row
    where language is not null

),

designs as (

    select * from every_nth
    union all
    select * from paired
    union all
    select * from of_languages

)

select * from designs
