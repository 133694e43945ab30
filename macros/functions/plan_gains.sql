{#- The body of plan_gains(): what plans of spend bring beyond another one, and how probably they are better.

      rows        fct_influencer_days with a column `member`
      curves      as response_curves() gives them
      plans       plan_id, member, spend, and spend_before, what it is compared with
      break_even  what a rupee more must bring for a plan to be better, and a rupee less may lose

    The gain of a plan that gives money to a member without a curve is not known: null.
    A member's revenue changes by its curve, in proportion to its incremental revenue today, whose error comes along: errors that all
    campaigns share, those of campaigns and of influencers in them add up as performance() adds them. The error of elasticity is shared. -#}
{% macro plan_gains() -%}
    {%- set parts = ["incremental_se_shared", "incremental_se_campaign", "incremental_se_influencer"] -%}
with

days as (select * from query_table(rows)),

members as (select * from query_table(curves)),

chosen as (select * from query_table(plans)),

changes as (

    select
        chosen.plan_id,
        chosen.member,
        case
            when chosen.spend = chosen.spend_before then 0
            else
                members.ceiling * (
                    chosen.spend / (chosen.spend + members.half_saturation)
                    - chosen.spend_before / (chosen.spend_before + members.half_saturation)
                )
        end as gain,
        members.elasticity_se / nullif(members.elasticity, 0) as relative_se,
        members.incremental_revenue,
        chosen.spend - chosen.spend_before as added_spend
    from chosen
    inner join members
        on chosen.member is not distinct from members.member

),

influencer_campaigns as (

    select
        member,
        campaign_id,
        influencer_id,
        {%- for column in parts %}
        {{ exact_sum(column) }} as {{ column }}{{ "," if not loop.last }}
        {%- endfor %}
    from days
    where incremental_revenue is not null
    group by all

),

moved as (

    select
        changes.plan_id,
        influencer_campaigns.campaign_id,
        {%- for column in parts %}
        influencer_campaigns.{{ column }} * changes.gain / nullif(changes.incremental_revenue, 0) as {{ column }}{{ "," if not loop.last }}
        {%- endfor %}
    from changes
    inner join influencer_campaigns
        on changes.member is not distinct from influencer_campaigns.member

),

campaigns as (

    select
        plan_id,
        campaign_id,
        {{ exact_sum("incremental_se_shared") }} as se_shared,
        {{ exact_sum("incremental_se_campaign") }} ^ 2 + {{ exact_sum("incremental_se_influencer ^ 2") }} as variance
    from moved
    group by all

),

errors as (

    select
        plan_id,
        {{ exact_sum("se_shared") }} ^ 2 + {{ exact_sum("variance") }} as variance
    from campaigns
    group by plan_id

),

gains as (

    select
        plan_id,
        case when count(gain) = count(*) then {{ exact_sum("gain") }} end as gain,
        {{ exact_sum("gain * coalesce(relative_se, 0)") }} as gain_se_of_elasticity,
        {{ exact_sum("added_spend") }} as added_spend
    from changes
    group by plan_id

),

judged as (

    select
        gains.plan_id,
        gains.gain,
        gains.added_spend,
        sqrt(coalesce(errors.variance, 0) + gains.gain_se_of_elasticity ^ 2) as gain_se,
        (gains.gain - cast(break_even as double) * gains.added_spend) / nullif(gain_se, 0) as distance
    from gains
    left join errors
        on gains.plan_id = errors.plan_id

),

tails as (

    select
        *,
        {{ normal_cdf_argument("distance") }} as tail
    from judged

),

probabilities as (

    select
        *,
        {{ powers("tail", 8) }} as tail_powers
    from tails

)

select
    plan_id,
    gain,
    gain_se,
    added_spend,
    {{ normal_cdf_of("distance", "tail_powers") }} as prob_better
from probabilities
{%- endmacro %}
