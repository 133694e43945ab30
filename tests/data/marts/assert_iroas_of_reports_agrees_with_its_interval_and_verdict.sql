-- Fails for a row of a performance report whose interval does not hold its figure, or whose probability and verdict say another
-- thing than the interval.
{% for report, key in [("rpt_influencer_performance", "influencer_id"), ("rpt_persona_performance", "persona")] %}
select {{ key }} as selection
from {{ ref(report) }}
where
    iroas_low > iroas
    or iroas > iroas_high
    or (iroas is null and verdict <> 'not measurable')
    or (verdict <> 'not measurable' and spend_measured_share < 0.5)
    or (verdict = 'profitable' and (iroas_low <= break_even or prob_profitable <= 0.5))
    or (verdict = 'unprofitable' and (iroas_high >= break_even or prob_profitable >= 0.5))
    or (verdict = 'inconclusive' and (iroas_low > break_even or iroas_high < break_even))
    or (iroas > break_even) <> (prob_profitable > 0.5)
{{ "union all" if not loop.last }}
{%- endfor %}
