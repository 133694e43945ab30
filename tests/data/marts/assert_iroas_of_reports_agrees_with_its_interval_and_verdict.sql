-- Fails for a row of a performance report whose interval does not hold its figure, or whose probability and verdict say another
-- thing than the interval; for one with more than a likely verdict without an experiment, and for a likely one with.
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
    or (verdict = 'inconclusive' and not is_observational and (iroas_low > break_even or iroas_high < break_even))
    or (is_observational and verdict in ('profitable', 'unprofitable'))
    or (reason_code = 'likely_profitable' and (not is_observational or iroas_low <= break_even))
    or (reason_code = 'likely_unprofitable' and (not is_observational or iroas_high >= break_even))
    or (iroas > break_even) <> (prob_profitable > 0.5)
{{ "union all" if not loop.last }}
{%- endfor %}
