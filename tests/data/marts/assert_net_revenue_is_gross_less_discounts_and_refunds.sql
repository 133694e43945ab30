-- Fails for a row of the daily marts whose net revenue is not gross revenue less discounts and refunds.
select
    'fct_revenue_days' as mart,
    date_day,
    brand,
    revenue
from {{ ref("fct_revenue_days") }}
where revenue <> gross_revenue - discounts - refunds

union all

select
    'fct_influencer_days' as mart,
    date_day,
    brand,
    attributed_revenue
from {{ ref("fct_influencer_days") }}
where attributed_revenue <> gross_revenue - discounts - refunds
