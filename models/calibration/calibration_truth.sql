-- The truth that counts: that of these exports. A folder with the truth of another world, or of exports long replaced, must not
-- pass for it, so all revenue and all attributed revenue have to agree to the paisa; where rows were damaged on purpose, but for
-- what was lost with them. An experiment has to agree in brand and dates as well. Personas are those of this build's rules. The
-- totals of everything, of all campaigns and of what is outside campaigns are levels of one member each.

with

tables as (select * from {{ ref("calibration_truth_tables") }}),

orders as (select * from {{ ref("panel_orders") }}),

experiments as (select * from {{ ref("panel_experiments") }}),

influencers as (select * from {{ ref("dim_influencers") }}),

books as (

    select
        sum(revenue) as revenue,
        sum(revenue) filter (where channel = 'influencer') as attributed_revenue
    from orders

),

-- One row, or none.
matching_portfolio as (

    select portfolio.member_id
    from tables as portfolio
    cross join books
    where
        portfolio.level = 'portfolio'
        and abs(books.revenue - portfolio.revenue) <= 2 * portfolio.damaged_share * portfolio.revenue
        and abs(coalesce(books.attributed_revenue, 0) - portfolio.attributed_revenue)
        <= 2 * portfolio.damaged_share * portfolio.attributed_revenue

),

truth as (

    select tables.*
    from tables
    cross join matching_portfolio

),

stacked as (

    select
        'experiment' as level,
        experiments.experiment_id as member_id,
        truth.incremental_revenue,
        truth.spilled_into_control,
        truth.spend
    from truth
    inner join experiments
        on truth.member_id = experiments.campaign_id
        and truth.brand = experiments.brand
        and truth.start_date = experiments.test_start
        and truth.cooldown_end = experiments.cooldown_end
    where truth.level = 'experiment'

    union all by name

    select
        level,
        member_id,
        incremental_revenue
    from truth
    where
        level in ('campaign', 'influencer')
        and member_id <> '{{ var("none_member") }}'

    union all by name

    select
        'persona' as level,
        influencers.persona as member_id,
        sum(truth.incremental_revenue)::decimal(18, 2) as incremental_revenue
    from truth
    inner join influencers
        on truth.member_id = influencers.influencer_id
    where truth.level = 'influencer'
    group by influencers.persona

    union all by name

    select
        'portfolio' as level,
        'all' as member_id,
        incremental_revenue
    from truth
    where level = 'portfolio'

    union all by name

    select
        if(member_id = '{{ var("none_member") }}', 'outside campaigns', 'campaigns') as level,
        'all' as member_id,
        sum(incremental_revenue)::decimal(18, 2) as incremental_revenue
    from truth
    where level = 'campaign'
    group by all

)

select * from stacked
