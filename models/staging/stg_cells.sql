-- Every different cell of the columns that hold days or numbers, trimmed: a few hundred even of millions of rows, so that what it
-- takes to read a cell is done once for each.

with
{% for raw_table in [
    "influencers", "influencer_keys", "tracking_data", "posts", "payouts", "campaigns", "campaign_regions", "test_plans", "regions",
    "products", "geo_experiments", "geo_assignments", "geo_panel",
] %}
raw_{{ raw_table }} as (select * from {{ ref("raw_" ~ raw_table) }}),
{% endfor %}
different_cells as ({{ cells_of_kinds(["date"] + number_kinds()) }}),

trimmed as (

    select distinct
        raw_table,
        file,
        column_name,
        kind,
        {{ trimmed("cell") }} as cell
    from different_cells
    where cell is not null

)

select * from trimmed
